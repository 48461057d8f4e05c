import { randomUUID } from "node:crypto";
import type { Sql } from "../../platform/database/connect.ts";

export type Fixture = { userId: string; offerId: string };

/** A fresh user with an offer in the given state; times are seconds from now. */
export const offerOfFreshUser = async (
  sql: Sql,
  over: {
    status?: string;
    acceptedAt?: number;
    expiresAt?: number;
    announcedAt?: number;
    userId?: string;
  } = {},
): Promise<Fixture> => {
  const userId = over.userId ?? randomUUID();
  const [decisionId, offerId] = [randomUUID(), randomUUID()];
  const status = over.status ?? "accepted";
  await sql.begin(async (tx) => {
    await tx`
      insert into users (id, email, password_hash) values (${userId}::uuid, ${`${userId}@example.org`}, 'x')
      on conflict do nothing`;
    await tx`
      insert into credit_decisions (id, user_id, approved, policy_version, features, offer_id, decided_at)
      values (${decisionId}::uuid, ${userId}::uuid, true, 'test', '{}', ${offerId}::uuid, now())`;
    await tx`
      insert into credit_limits
        (id, user_id, decision_id, status, credit_limit, interest_rate, credit_type, expires_at, accepted_at,
         acceptance_announced_at, activated_at)
      values (
        ${offerId}::uuid, ${userId}::uuid, ${decisionId}::uuid, ${status}, 7812.50, 8.28, 'SHORT_TERM_PERSONAL_LOAN',
        now() + ${over.expiresAt ?? 3_600} * interval '1 second',
        now() + ${over.acceptedAt ?? -1} * interval '1 second',
        now() + ${over.announcedAt ?? -1} * interval '1 second',
        case when ${status} = 'active' then now() end
      )`;
  });
  return { userId, offerId };
};
