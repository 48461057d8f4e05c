import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "../../platform/errors/app-error.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import type { Access } from "../routing/route-table.ts";
import type { AccessTokens } from "./access-tokens.ts";

export const INTERNAL_KEY_HEADER = "x-internal-key";

export type Credentials = {
  isInternalKey: (presented: string) => boolean;
  tokens: AccessTokens;
};

const ANONYMOUS: Caller = { kind: "anonymous" };
const INTERNAL: Caller = { kind: "internal" };

/**
 * Finds out who is calling a route. Where the internal key opens a route, one that is presented decides: a wrong one
 * is refused even beside a good token, because whoever sends it believes to be trusted, and a right one needs no
 * token. Routes that it does not open ignore it; public routes ignore every credential. An operators' route takes an
 * operator's token alone.
 * @throws AppError unauthenticated, invalid_token, invalid_internal_key or forbidden
 */
export const authenticate = (
  headers: IncomingHttpHeaders,
  access: Access,
  { isInternalKey, tokens }: Credentials,
): Caller | Promise<Caller> => {
  if (access === "public") return ANONYMOUS;
  const presented = headers[INTERNAL_KEY_HEADER];
  if (access === "bearer or internal key" && presented !== undefined) {
    if (isInternalKey(String(presented))) return INTERNAL;
    throw new AppError("invalid_internal_key", "The X-Internal-Key header holds a wrong key");
  }
  const caller = tokens.callerOf(bearerToken(headers.authorization, access));
  if (access !== "operator") return caller;
  return caller instanceof Promise ? caller.then(operatorOnly) : operatorOnly(caller);
};

const operatorOnly = (caller: Caller): Caller => {
  requireOperator(caller);
  return caller;
};

const bearerToken = (authorization: string | undefined, access: Access): string => {
  const token = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (token !== undefined) return token;
  const alternatives = access === "bearer or internal key" ? " or X-Internal-Key: <key>" : "";
  throw new AppError("unauthenticated", `Send Authorization: Bearer <token>${alternatives}`);
};
