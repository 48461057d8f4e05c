import type { IncomingHttpHeaders } from "node:http";
import { AppError } from "../../platform/errors/app-error.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { PARTNER_KEY_HEADER } from "../../platform/identity/caller.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import type { Access } from "../routing/gateway-route.ts";
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
 * operator's token alone. A partner's key is not checked here but where its hash is kept: it goes on beside nobody's
 * identity, and decides wherever it is taken, even beside a token.
 * @throws AppError unauthenticated, invalid_token, invalid_internal_key, forbidden or service_unavailable
 */
export const authenticate = (
  headers: IncomingHttpHeaders,
  access: Access,
  { isInternalKey, tokens }: Credentials,
): Caller => {
  if (access === "public") return ANONYMOUS;
  const presented = headers[INTERNAL_KEY_HEADER];
  if (access === "bearer or internal key" && presented !== undefined) {
    if (isInternalKey(String(presented))) return INTERNAL;
    throw new AppError("invalid_internal_key", "The X-Internal-Key header holds a wrong key");
  }
  if (takesPartnerKey(access) && headers[PARTNER_KEY_HEADER] !== undefined) return ANONYMOUS;
  if (access === "partner key")
    throw new AppError("unauthenticated", "Send X-API-Key: <key>, a partner's key");
  const { caller } = tokens.verify(bearerToken(headers.authorization, access));
  if (access === "operator") requireOperator(caller);
  return caller;
};

/** Whether a partner's key may open such a route, so that it is passed on. */
export const takesPartnerKey = (access: Access): boolean =>
  access === "bearer or partner key" || access === "partner key";

const ALTERNATIVES: Partial<Record<Access, string>> = {
  "bearer or internal key": " or X-Internal-Key: <key>",
  "bearer or partner key": " or X-API-Key: <key>",
};

/** The token of an Authorization header, if it holds one. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];

const bearerToken = (authorization: string | undefined, access: Access): string => {
  const token = bearerOf(authorization);
  if (token !== undefined) return token;
  throw new AppError("unauthenticated", `Send Authorization: Bearer <token>${ALTERNATIVES[access] ?? ""}`);
};
