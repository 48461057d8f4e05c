import { authorizeSibling, siblingAuthorization } from "../../contracts/http/authorizations.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { tracing } from "../../platform/http/tracing.ts";
import { uuidv7 } from "uuidv7";
import type { Holds } from "../actions/holds.ts";
import type { Answer } from "../sql/answer.ts";
import { holderOf } from "../domain/holder.ts";
import { padPlaces } from "../domain/pad-places.ts";
import { readMoneyBody } from "./read-order.ts";
import { sendAnswer } from "./send-answer.ts";

/** A hold that nobody captures is gone after a day; the saga captures within moments. */
const HOLD_SECONDS = 86_400;

/** What clients of a sibling system call already: no Idempotency-Key, transaction_id makes it happen once, for ever. */
export const registerAuthorizeSibling = (app: App, { holds }: { holds: Holds }): void => {
  app.openapi({ ...authorizeSibling, request: {} }, async (c) => {
    const { caller } = c.var;
    if (caller.kind !== "partner")
      throw new AppError("unauthenticated", "Send X-API-Key: <key>, a partner's key");
    const { body } = await readMoneyBody(c, siblingAuthorization);
    const answer = await holds.authorize({
      ...holderOf(caller, body.user_id),
      id: uuidv7(),
      key: null,
      hash: null,
      requestId: c.var.requestId,
      instance: c.req.path,
      headers: tracing(c),
      amount: padPlaces(body.amount, body.currency),
      currency: body.currency,
      seconds: HOLD_SECONDS,
      reference: body.transaction_id,
      group: null,
      automatic: true,
    });
    return sendAnswer(toSibling(answer, body));
  });
};

// A JSON number of these very digits (ECMAScript 2026), not the float nearest to them.
const { rawJSON: rawJson } = JSON as unknown as { rawJSON: (text: string) => unknown };

type Body = { transaction_id: string; user_id: string };
type Decided = { id: string; status: string; reason?: string; amount: string; currency: string };

// In the sibling's words. A repeat finds the hold captured by then; what was decided stays what it was.
const toSibling = (answer: Answer, body: Body): Answer => {
  if (answer.status >= 400)
    return { ...answer, body: answer.body.replaceAll('"/referenceId"', '"/transaction_id"') };
  const { id, status, reason, amount, currency } = JSON.parse(answer.body) as Decided;
  const members = {
    transaction_id: body.transaction_id,
    authorization_id: id,
    user_id: body.user_id,
    amount: rawJson(amount),
    currency,
    status: status === "declined" ? "declined" : "approved",
    reason,
  };
  return { ...answer, status: 200, body: JSON.stringify(members) };
};
