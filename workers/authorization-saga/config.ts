import { z } from "zod";
import { integer } from "../../platform/config/fields.ts";
import { workerFields } from "../config-fields.ts";

export const configSchema = z.object({
  ...workerFields,
  /** How often sagas and holds that are due are looked for without a signal, in ms. */
  SAGA_POLL_MS: integer(10, 60_000).default(500),
  /** How long a worker that has died keeps others from its sagas, in seconds. */
  SAGA_LEASE_SECONDS: integer(1, 3_600).default(30),
  /** How long one step may go on failing before it is undone, or people must look, in seconds. */
  SAGA_STEP_SECONDS: integer(1, 86_400).default(60),
});
