import { z } from "@hono/zod-openapi";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { readJson } from "../../platform/http/read-json.ts";
import { secretsEqual } from "../../platform/identity/secrets-equal.ts";
import { type FaultInjection, noFaults } from "../domain/faults.ts";

const MAX_BODY_BYTES = 4_096;

const change = z.strictObject({
  latencyMs: z
    .int("must be a whole number")
    .min(0, "must be at least 0")
    .max(60_000, "must be at most 60000")
    .optional(),
  errorRate: z.number("must be a number").min(0, "must be at least 0").max(1, "must be at most 1").optional(),
  hang: z.boolean("must be true or false").optional(),
  malformed: z.boolean("must be true or false").optional(),
});

export type FaultsDeps = { faults: FaultInjection; adminKey: string };

/** `PUT` replaces the faults, what it leaves out is off; `DELETE` ends them all. */
export const registerFaults = (app: App, { faults, adminKey }: FaultsDeps): void => {
  app.use("/admin/faults", async (c, next) => {
    if (!secretsEqual(c.req.header("x-admin-key"), adminKey))
      throw new AppError("unauthenticated", "Send the admin key as x-admin-key");
    await next();
  });
  app.get("/admin/faults", (c) => c.json(faults.current()));
  app.put("/admin/faults", async (c) => {
    const {
      latencyMs = 0,
      errorRate = 0,
      hang = false,
      malformed = false,
    } = await readJson(c, change, MAX_BODY_BYTES);
    faults.set({ latencyMs, errorRate, hang, malformed });
    return c.json(faults.current());
  });
  app.delete("/admin/faults", (c) => {
    faults.set(noFaults);
    return c.json(faults.current());
  });
};
