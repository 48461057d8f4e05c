import { z } from "zod";
import { workerFields } from "../config-fields.ts";

export const configSchema = z.object(workerFields);
