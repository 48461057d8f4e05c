import type { z } from "zod";
import { limitActivated, offerApproved, userNotification } from "../../../contracts/events/credit-events.ts";
import { emotionEvent } from "../../../contracts/events/emotion-event.ts";
import { ledgerEvents } from "../../../contracts/events/ledger-events.ts";
import { transactionEvent } from "../../../contracts/events/transaction-event.ts";
import { subjects } from "../../../contracts/subjects.ts";
import type { FieldError } from "../../../platform/errors/app-error.ts";
import { fieldErrors } from "../../../platform/errors/field-errors.ts";
import { parseJson } from "./read-identity.ts";

const schemas = new Map<string, z.ZodType>([
  [subjects.emotions, emotionEvent],
  [subjects.transactions, transactionEvent],
  [subjects.offersApproved, offerApproved],
  [subjects.limitsActivated, limitActivated],
  [subjects.notifications, userNotification],
  ...Object.entries(ledgerEvents),
]);

export type EventCheck = {
  /** Null where nobody has said what an event of this subject looks like. */
  valid: boolean | null;
  errors: FieldError[];
};

/** Holds an event's bytes to the schema of its subject. Pointers begin at the event itself. */
export const checkEvent = (subject: string, payload: Buffer): EventCheck => {
  const schema = schemas.get(subject);
  if (!schema) return { valid: null, errors: [] };
  const json = parseJson(payload);
  if (json === undefined) return { valid: false, errors: [{ pointer: "", detail: "is not JSON in UTF-8" }] };
  const result = schema.safeParse(json);
  return result.success ? { valid: true, errors: [] } : { valid: false, errors: fieldErrors(result.error) };
};
