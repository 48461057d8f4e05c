import { AppError } from "../../platform/errors/app-error.ts";
import { errorCodes } from "../../platform/errors/error-codes.ts";
import type { ErrorCode } from "../../platform/errors/error-codes.ts";
import type { App } from "../../platform/http/create-app.ts";
import { advice } from "./advice.ts";

/** `/problems/{code}`: what the `type` of a problem document leads to. */
export const registerProblemPages = (app: App): void => {
  app.get("/problems", (c) => c.json({ items: (Object.keys(errorCodes) as ErrorCode[]).map(describe) }));
  app.get("/problems/:code", (c) => {
    const code = c.req.param("code");
    if (!Object.hasOwn(errorCodes, code)) throw new AppError("not_found", `No error has the code ${code}`);
    return c.json(describe(code as ErrorCode));
  });
};

const describe = (code: ErrorCode) => ({
  type: `/problems/${code}`,
  code,
  ...errorCodes[code],
  advice: advice[code],
});
