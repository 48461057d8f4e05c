import type { Sql } from "../../platform/database/connect.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { type Answer, type Decision, answerWith } from "../domain/decision.ts";
import { type Features, isSufficient } from "../domain/features.ts";
import { whatStands } from "../domain/standing.ts";
import { closeUntakenOffer, insertOffer, lockOpenOffers } from "../sql/credit-limits.ts";
import { insertDecision, readStanding } from "../sql/decisions.ts";
import { lockUser } from "../sql/users.ts";

export type NewVerdict = {
  decision: Decision;
  features: Features;
  contributions: Record<string, number> | null;
};

/**
 * Stores a decision and its offer in one transaction, unless meanwhile another one came to stand: then that is the
 * answer. Lock order: the user's row, then the offers; who accepts an offer locks only the offer.
 */
export const recordDecision = async (
  sql: Sql,
  userId: string,
  coolOffMs: number,
  { decision, features, contributions }: NewVerdict,
): Promise<Answer> =>
  inTransaction(sql, async (tx) => {
    // Sent together: the connection runs them one after another, each seeing what the one before waited for.
    const [, , standing] = await Promise.all([
      lockUser(tx, userId),
      lockOpenOffers(tx, userId),
      readStanding(tx, userId),
    ]);
    const now = decision.decidedAt;
    const stands = whatStands(standing, { now, coolOffMs, sufficient: isSufficient(features) });
    if (stands) return stands;
    await Promise.all([
      closeUntakenOffer(tx, userId, now),
      insertDecision(tx, { ...decision, userId, features, contributions }),
      decision.offer &&
        insertOffer(tx, { ...decision.offer, userId, decisionId: decision.id, createdAt: now }),
    ]);
    return answerWith(decision);
  });
