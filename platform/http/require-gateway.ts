import type { MiddlewareHandler } from "hono";
import { AppError } from "../errors/app-error.ts";
import { CALLER_ID_HEADER, CALLER_KIND_HEADER, GATEWAY_KEY_HEADER, callerFrom } from "../identity/caller.ts";
import { secretMatcher } from "../identity/secrets-equal.ts";
import type { HttpEnv } from "./create-app.ts";

/** Lets only the gateway in, and believes what it says about the caller. */
export const requireGateway = (gatewayKey: string): MiddlewareHandler<HttpEnv> => {
  const isGateway = secretMatcher(gatewayKey);
  return async (c, next) => {
    if (!isGateway(c.req.header(GATEWAY_KEY_HEADER))) {
      throw new AppError("unauthenticated", "This service is reached through the gateway only");
    }
    c.set("caller", callerFrom(c.req.header(CALLER_KIND_HEADER), c.req.header(CALLER_ID_HEADER)));
    await next();
  };
};
