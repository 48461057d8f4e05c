import type { IncomingHttpHeaders } from "node:http";
import { DELIVERY_ID_HEADER } from "../../platform/http/delivery-id.ts";
import { REQUEST_ID_HEADER } from "../../platform/http/request-id.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import {
  CALLER_ID_HEADER,
  CALLER_KIND_HEADER,
  GATEWAY_KEY_HEADER,
  PARTNER_KEY_HEADER,
  TOKEN_EXPIRES_HEADER,
  TOKEN_ID_HEADER,
  identityHeaders,
} from "../../platform/identity/caller.ts";
import { TRACEPARENT_HEADER } from "../../platform/observability/trace-context.ts";
import { INTERNAL_KEY_HEADER } from "../identity/authenticate.ts";

// RFC 9110 §7.6.1: meant for the next hop alone, whether or not Connection names them.
const HOP_BY_HOP = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

const NOT_FORWARDED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...identityHeaders,
  // Credentials end here: services get to know who calls, never with what.
  "authorization",
  "cookie",
  INTERNAL_KEY_HEADER,
  PARTNER_KEY_HEADER,
  // Set anew, by us or by the client that we use.
  REQUEST_ID_HEADER,
  TRACEPARENT_HEADER,
  DELIVERY_ID_HEADER,
  "host",
  "content-length",
  "expect",
  // What a client says about its own address is for nobody to believe.
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
]);

const NOT_RETURNED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "content-length",
  REQUEST_ID_HEADER,
  "server",
  "x-powered-by",
]);

export type Passport = {
  gatewayKey: string;
  caller: Caller;
  requestId: string;
  traceparent: string;
  deliveryId: string;
  /** The one credential that goes on, to the service that alone can check it. */
  partnerKey?: string | undefined;
  /** Which token the caller came with, where it is to be ended. */
  token?: { tokenId: string; expiresAt: number } | undefined;
};

/** The headers for the service, as a flat list of names and values: the client's, cleaned, and our own. */
export const requestHeaders = (headers: IncomingHttpHeaders, passport: Passport): string[] => {
  const forwarded: string[] = [];
  const named = namedByConnection(headers.connection);
  for (const name in headers) {
    if (NOT_FORWARDED.has(name) || named?.has(name)) continue;
    const value = headers[name];
    if (value !== undefined) forwarded.push(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const { caller } = passport;
  forwarded.push(GATEWAY_KEY_HEADER, passport.gatewayKey, CALLER_KIND_HEADER, caller.kind);
  if ("id" in caller) forwarded.push(CALLER_ID_HEADER, caller.id);
  forwarded.push(REQUEST_ID_HEADER, passport.requestId, TRACEPARENT_HEADER, passport.traceparent);
  forwarded.push(DELIVERY_ID_HEADER, passport.deliveryId);
  if (passport.partnerKey !== undefined) forwarded.push(PARTNER_KEY_HEADER, passport.partnerKey);
  if (passport.token !== undefined) {
    const { tokenId, expiresAt } = passport.token;
    forwarded.push(TOKEN_ID_HEADER, tokenId, TOKEN_EXPIRES_HEADER, String(expiresAt));
  }
  return forwarded;
};

/** The service's headers that the client gets to see. */
export const responseHeaders = (headers: IncomingHttpHeaders): Record<string, string> => {
  const returned: Record<string, string> = {};
  const named = namedByConnection(headers.connection);
  for (const name in headers) {
    if (NOT_RETURNED.has(name) || named?.has(name)) continue;
    const value = headers[name];
    if (value !== undefined) returned[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return returned;
};

// Nearly every request says keep-alive or close, which name no header that could be meant.
const namedByConnection = (connection: string | undefined): ReadonlySet<string> | undefined => {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return undefined;
  return new Set(connection.split(",").map((name) => name.trim().toLowerCase()));
};
