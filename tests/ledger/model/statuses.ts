import type { Expected } from "./model.ts";

/** The HTTP status of each refusal, as the ledger's users know them; written down again on purpose. */
export const statuses = {
  account_not_found: 404,
  forbidden: 403,
  transfer_not_found: 404,
  currency_mismatch: 422,
  validation_failed: 422,
  insufficient_funds: 422,
  account_not_open: 422,
  transfer_already_reverted: 409,
  transfer_not_complete: 409,
  reference_reused: 409,
  request_in_progress: 409,
  idempotency_key_reused: 422,
  authorization_not_found: 404,
  authorization_declined: 409,
  hold_already_captured: 409,
  hold_voided: 409,
  hold_expired: 410,
  capture_exceeds_hold: 422,
  version_mismatch: 412,
  account_in_use: 409,
  account_needed: 409,
} as const;

export type Refusal = keyof typeof statuses;

/** A refusal, as it is expected. */
export const refuse = (code: Refusal, members?: Record<string, string>): Expected => ({
  status: statuses[code],
  code,
  replayed: false,
  ...(members && { members }),
});

/** As the functions in the database take them. */
export const problems = JSON.stringify(
  Object.fromEntries(Object.entries(statuses).map(([code, status]) => [code, { status, title: code }])),
);
