import { z } from "zod";
import { secret } from "../../platform/config/fields.ts";
import { workerFields } from "../config-fields.ts";

export const configSchema = z.object({ ...workerFields, GATEWAY_KEY: secret });
