import type { Sql } from "../../platform/database/connect.ts";
import { type Answer, type Decision, answerWith } from "../domain/decision.ts";
import { isSufficient } from "../domain/features.ts";
import { type Standing, whatStands } from "../domain/standing.ts";
import { insertDecision } from "../sql/decisions.ts";
import { readStanding } from "../sql/standing.ts";

/**
 * Stores a decision and its offer, unless something changed since the standing was read: then that is looked at
 * anew, and is the answer where it stands. Another decision in between is the only reason to try again, so that of
 * several at once one always gets through.
 */
export const recordDecision = async (
  sql: Sql,
  userId: string,
  coolOffMs: number,
  decision: Decision,
  standing: Standing,
): Promise<Answer> => {
  let newestSeen = standing.newest?.id ?? null;
  for (;;) {
    if (await insertDecision(sql, { ...decision, userId, newestSeen })) return answerWith(decision);
    const now = await readStanding(sql, userId);
    const rules = { now: decision.decidedAt, coolOffMs, sufficient: isSufficient(decision.features) };
    const stands = whatStands(now, rules);
    if (stands) return stands;
    newestSeen = now.newest?.id ?? null;
  }
};
