/**
 * Who is calling, as the gateway found out. Services believe these headers only beside the right gateway key.
 * `internal` is a trusted backend with the internal key; it acts for any user, on telemetry only.
 */
export type Caller =
  | { kind: "anonymous" }
  | { kind: "user"; id: string }
  | { kind: "operator"; id: string }
  /** Found out by the ledger alone, which holds the hashes of partners' keys; the gateway passes the key on. */
  | { kind: "partner"; id: string }
  | { kind: "internal" };

export const PARTNER_KEY_HEADER = "x-api-key";
export const GATEWAY_KEY_HEADER = "x-gateway-key";
export const CALLER_KIND_HEADER = "x-caller-kind";
export const CALLER_ID_HEADER = "x-caller-id";

/** Which token a caller came with and when it expires (Unix milliseconds), where a token is to be ended. */
export const TOKEN_ID_HEADER = "x-caller-token-id";
export const TOKEN_EXPIRES_HEADER = "x-caller-token-expires";

/** The identity headers that the gateway adds and that a client's request must never carry through. */
export const identityHeaders = [
  GATEWAY_KEY_HEADER,
  CALLER_KIND_HEADER,
  CALLER_ID_HEADER,
  TOKEN_ID_HEADER,
  TOKEN_EXPIRES_HEADER,
] as const;

export const callerFrom = (kind: string | undefined, id: string | undefined): Caller => {
  if ((kind === "user" || kind === "operator") && id) return { kind, id };
  return kind === "internal" ? { kind } : { kind: "anonymous" };
};

export const callerHeaders = (caller: Caller): Record<string, string> => ({
  [CALLER_KIND_HEADER]: caller.kind,
  ...("id" in caller && { [CALLER_ID_HEADER]: caller.id }),
});
