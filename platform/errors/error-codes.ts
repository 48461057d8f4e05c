type ErrorKind = {
  status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 406
    | 408
    | 409
    | 410
    | 411
    | 412
    | 413
    | 415
    | 422
    | 426
    | 429
    | 500
    | 502
    | 503
    | 504;
  title: string;
};

/**
 * Every error that a client can meet: a stable code, its HTTP status and its title. A code, once published, keeps
 * its meaning; RFC 9457's `type` is built from it.
 */
export const errorCodes = {
  malformed_json: { status: 400, title: "The body is not valid JSON" },
  invalid_path: { status: 400, title: "The path is malformed" },
  invalid_query: { status: 400, title: "The query is malformed" },
  invalid_header: { status: 400, title: "A header is malformed" },
  bad_request: { status: 400, title: "The request is malformed" },
  idempotency_key_missing: { status: 400, title: "An Idempotency-Key is required" },
  precondition_missing: { status: 400, title: "If-Match is required" },
  unauthenticated: { status: 401, title: "Authentication is required" },
  invalid_token: { status: 401, title: "The token is invalid or has expired" },
  invalid_internal_key: { status: 401, title: "The internal key is wrong" },
  invalid_api_key: { status: 401, title: "The API key is wrong, revoked or over" },
  invalid_credentials: { status: 401, title: "The email or the password is wrong" },
  forbidden: { status: 403, title: "Not allowed" },
  not_found: { status: 404, title: "Not found" },
  account_not_found: { status: 404, title: "No such account" },
  authorization_not_found: { status: 404, title: "No such authorization" },
  user_not_found: { status: 404, title: "No such user" },
  route_not_found: { status: 404, title: "No such route" },
  transfer_not_found: { status: 404, title: "No such transfer" },
  method_not_allowed: { status: 405, title: "Method not allowed" },
  request_timeout: { status: 408, title: "The request took too long to arrive" },
  email_taken: { status: 409, title: "The email is already registered" },
  offer_not_open: { status: 409, title: "The offer is no longer open" },
  dead_letter_settled: { status: 409, title: "The dead letter is settled" },
  reference_reused: { status: 409, title: "The reference was used before" },
  user_already_linked: { status: 409, title: "The id belongs to another person" },
  key_not_active: { status: 409, title: "The key is not active" },
  saga_not_stuck: { status: 409, title: "The saga is in another state" },
  saga_past_pivot: { status: 409, title: "The saga can only go forward" },
  hold_already_captured: { status: 409, title: "The hold is captured" },
  hold_voided: { status: 409, title: "The hold is voided" },
  authorization_declined: { status: 409, title: "The purchase was declined" },
  account_exists: { status: 409, title: "The account exists already" },
  account_needed: { status: 409, title: "The ledger needs the account" },
  account_in_use: { status: 409, title: "The account is in use" },
  transfer_already_reverted: { status: 409, title: "The transfer was reverted before" },
  transfer_not_complete: { status: 409, title: "The transfer is not complete" },
  transfer_not_pending: { status: 409, title: "The transfer does not wait" },
  request_in_progress: { status: 409, title: "The same request is still being processed" },
  hold_expired: { status: 410, title: "The hold has expired" },
  offer_expired: { status: 410, title: "The offer has expired" },
  version_mismatch: { status: 412, title: "The account has changed meanwhile" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported" },
  validation_failed: { status: 422, title: "The request is not valid" },
  event_too_old: { status: 422, title: "The event is too old" },
  event_in_future: { status: 422, title: "The event lies in the future" },
  idempotency_key_reused: { status: 422, title: "The idempotency key was used for another request" },
  account_not_open: { status: 422, title: "The account is not open" },
  currency_mismatch: { status: 422, title: "The accounts hold different currencies" },
  capture_exceeds_hold: { status: 422, title: "The hold has less open" },
  insufficient_funds: { status: 422, title: "The account holds too little" },
  batch_refused: { status: 422, title: "The batch was refused" },
  upgrade_required: { status: 426, title: "This is a WebSocket" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Internal error" },
  bad_gateway: { status: 502, title: "The service gave no usable answer" },
  service_unavailable: { status: 503, title: "Temporarily unavailable" },
  event_not_stored: { status: 503, title: "The event could not be stored" },
  model_unavailable: { status: 503, title: "The risk model is unavailable" },
  gateway_timeout: { status: 504, title: "The service took too long" },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCodes;
