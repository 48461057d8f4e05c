import type { MiddlewareHandler } from "hono";
import { AppError } from "../errors/app-error.ts";
import { CALLER_ID_HEADER, CALLER_KIND_HEADER, GATEWAY_KEY_HEADER, callerFrom } from "../identity/caller.ts";
import { secretMatcher } from "../identity/secrets-equal.ts";
import type { HttpEnv } from "./create-app.ts";
import { requestHeader } from "./request-header.ts";

/** Lets only the gateway in, and believes what it says about the caller. */
export const requireGateway = (gatewayKey: string): MiddlewareHandler<HttpEnv> => {
  const isGateway = secretMatcher(gatewayKey);
  return async (c, next) => {
    if (!isGateway(requestHeader(c, GATEWAY_KEY_HEADER))) {
      throw new AppError("unauthenticated", "This service is reached through the gateway only");
    }
    c.set("caller", callerFrom(requestHeader(c, CALLER_KIND_HEADER), requestHeader(c, CALLER_ID_HEADER)));
    await next();
  };
};
