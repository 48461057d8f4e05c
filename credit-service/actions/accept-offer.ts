import type { Queryable, Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { errorCodes } from "../../platform/errors/error-codes.ts";
import { answerOnce } from "../../platform/idempotency/answer-once.ts";
import { REPEAT_HEADER } from "../../platform/idempotency/tell-repeat.ts";
import { type Refusal, refuseAcceptance } from "../domain/acceptance.ts";
import { type Acceptance, readForRefusal, takeOffer } from "../sql/credit-limits.ts";
import type { AnalysisCache } from "./analysis-cache.ts";

export type AcceptDeps = {
  sql: Sql;
  cache: AnalysisCache;
  /** Tells the relay that the outbox has something; it looks by itself too. */
  wakeRelay: () => void;
};

export type AcceptRequest = {
  offerId: string;
  userId: string;
  idempotencyKey: string | undefined;
  /** Travels with the event: trace context. */
  headers: Record<string, string>;
};

/**
 * Takes an offer for a person and announces it, in one transaction. Says whether that was done before, under this key.
 * @throws AppError not_found, forbidden, offer_not_open, offer_expired, request_in_progress, idempotency_key_reused
 */
export const createAcceptOffer =
  ({ sql, cache, wakeRelay }: AcceptDeps) =>
  async ({ offerId, userId, idempotencyKey, headers }: AcceptRequest): Promise<{ repeated: boolean }> => {
    const fingerprint = ["accept offer", offerId];
    const { status, body, repeated } = await answerOnce(
      sql,
      { callerId: userId, key: idempotencyKey, fingerprint },
      async (tx) => {
        const refusal = await attempt(tx, { offerId, userId, headers });
        if (!refusal) return { status: ACCEPTED, body: "{}" };
        return { status: errorCodes[refusal.code].status, body: JSON.stringify(refusal) };
      },
    );
    if (status !== ACCEPTED) {
      const { code, detail } = JSON.parse(body) as Refusal;
      throw new AppError(code, detail, { headers: repeated ? REPEAT_HEADER : {} });
    }
    if (!repeated) {
      wakeRelay();
      await cache.forgetAnswer(userId);
    }
    return { repeated };
  };

export type AcceptOffer = ReturnType<typeof createAcceptOffer>;

const ACCEPTED = 202;

const attempt = async (tx: Queryable, request: Acceptance): Promise<Refusal | undefined> => {
  if (await takeOffer(tx, request)) return undefined;
  return refuseAcceptance(await readForRefusal(tx, request.offerId), request.userId);
};
