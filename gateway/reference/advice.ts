import type { ErrorCode } from "../../platform/errors/error-codes.ts";

const LOG_IN = "Log in with POST /v1/auth/login and send the token as Authorization: Bearer.";
const NO_SUCH = "Check the id. What belongs to somebody else is answered the same way.";
const MAY_HAVE_TAKEN =
  "The request may have taken effect: repeat it with the same eventId or Idempotency-Key.";
const SETTLED =
  "Nothing is left to be captured or voided: GET /v1/authorizations/{id} says what became of it.";

/** What a client should do about each error, for `/problems/{code}`. */
export const advice: Readonly<Record<ErrorCode, string>> = {
  malformed_json: "Send a JSON document as the body, encoded as UTF-8, which names no member twice.",
  invalid_path: "An id in the path is not a UUID: see errors.",
  invalid_query: "A query parameter is out of its range, unknown to the route or given twice: see errors.",
  invalid_header: "Mend the header that errors names.",
  bad_request: "Mend what detail names; a body that ended early may be sent again.",
  idempotency_key_missing:
    "Choose a text of your own for what you want done once, and send it with every repeat.",
  precondition_missing: "Send the ETag of a GET as If-Match, or If-Match: * whatever the state has become.",
  unauthenticated: `${LOG_IN} Routes that take a key instead say so in their description.`,
  invalid_token: "Log in again: the token has expired, was revoked, or was not issued here.",
  invalid_internal_key: "Check the X-Internal-Key header; leave it out to use a bearer token.",
  invalid_api_key:
    "Ask an operator for a new key: this one is unknown, revoked, past its time or its partner suspended.",
  invalid_credentials: "Check email and password. Too many wrong ones for an email are 429 for a while.",
  forbidden:
    "A token acts for its own subject only; operators read, and act for no one. Repeating does not help.",
  not_found: NO_SUCH,
  account_not_found: NO_SUCH,
  authorization_not_found: NO_SUCH,
  user_not_found:
    "The partner has linked nobody to this id: an operator does with PUT /v1/partners/{id}/users/{id}.",
  route_not_found: "Check method and path against /openapi.json.",
  transfer_not_found: NO_SUCH,
  method_not_allowed: "The Allow header names the methods that this path knows.",
  request_timeout: "Send the whole body without long pauses.",
  email_taken: "Log in instead, or register with another email.",
  offer_not_open: "The offer was accepted, superseded or rejected: list the offers for its state.",
  dead_letter_settled: "The letter was replayed or discarded before: GET it for what was done.",
  reference_reused: "A reference is for one thing, for ever: choose another one for this.",
  user_already_linked: "Unlink the id first, if it is to be another person's.",
  key_not_active: "Rotate the key that took its place: GET the partner's keys, which begin with the newest.",
  saga_not_stuck: "GET the saga for its state; it may have gone on by itself.",
  saga_past_pivot:
    "The money has moved: retry the saga, and revert the transfer afterwards where it must be undone.",
  hold_already_captured: SETTLED,
  hold_voided: SETTLED,
  authorization_declined: "A declined purchase reserves nothing: ask for a new one, under another reference.",
  account_exists: "Use the account that is there: errors or accountId says which.",
  account_needed: "Give the partner another account to settle to first, then close this one.",
  account_in_use: "Empty the account first, and wait until nothing is reserved on it.",
  transfer_already_reverted: "GET the transfer: it names the one that reverted it.",
  transfer_not_complete: "Only a transfer that has moved money can be reverted.",
  transfer_not_pending: "The transfer has moved or has failed already: GET it.",
  request_in_progress: "Repeat after Retry-After seconds, with the same Idempotency-Key and body.",
  hold_expired: "Authorize the purchase again.",
  offer_expired: "Ask for a new analysis to get a new offer.",
  version_mismatch: "GET the account again, look at what has changed, and send its new ETag.",
  body_too_large: "Send a smaller body; of telemetry, several smaller batches.",
  unsupported_media_type: "Send the Content-Type that detail names.",
  validation_failed: "Mend the fields that errors points at (RFC 6901).",
  event_too_old: "Drop the event: nothing could tell it from one that was sent before.",
  event_in_future: "Correct the device's clock; the event can be sent again with a right time.",
  idempotency_key_reused: "Use the key with the very request it was first used for, or choose a new one.",
  account_not_open: "Wait until an operator opens the account again, or use another one.",
  currency_mismatch: "Both accounts must hold the transfer's currency: nothing is exchanged.",
  capture_exceeds_hold: "Capture at most openAmount.",
  insufficient_funds: "At most available can be taken now; with waitForFunds the transfer waits for more.",
  batch_refused: "Nothing was moved: mend the items that are named, and send the batch under a new key.",
  upgrade_required: "Connect with a WebSocket client.",
  rate_limited: "Wait for Retry-After seconds, then go on more slowly.",
  internal_error: "Report the requestId. Repeat with the same eventId or Idempotency-Key.",
  bad_gateway: MAY_HAVE_TAKEN,
  service_unavailable: "Repeat after Retry-After seconds, with the same eventId or Idempotency-Key.",
  event_not_stored:
    "The event was not taken. Send it again, with the same eventId, after Retry-After seconds.",
  model_unavailable: "Ask again after Retry-After seconds; decisions already made are unaffected.",
  gateway_timeout: MAY_HAVE_TAKEN,
};
