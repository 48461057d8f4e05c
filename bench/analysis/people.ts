import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { RequestText } from "../load/protocol.ts";
import { randomUuid, seededRandom } from "../load/random.ts";
import { accessToken } from "../system/access-token.ts";

/** Offers that each of them let lapse in earlier weeks. */
export const PAST_OFFERS = 5;

/** Registers people who have felt and spent on each of the last thirty days; returns their ids. */
export const settlePeople = async (sql: Sql, count: number): Promise<string[]> => {
  const random = seededRandom(5);
  const ids = Array.from({ length: count }, () => randomUuid(random));
  await sql`
    insert into users (id, email, password_hash)
    select id, 'bench-' || number || '@example.com', 'none'
    from unnest(${ids}::uuid[]) with ordinality as person (id, number)`;
  await sql`
    insert into emotional_events_summary
      (user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum)
    select id, current_date - back, 20, 1, 15.2, 9.8, 5.4
    from unnest(${ids}::uuid[]) as person (id), generate_series(0, 29) as back`;
  await sql`
    insert into transactions_summary (user_id, day, currency, transaction_count, amount_sum)
    select id, current_date - back, ${DEFAULT_CURRENCY}, 3, 145.5
    from unnest(${ids}::uuid[]) as person (id), generate_series(0, 29) as back`;
  await sql`
    with past as (
      insert into credit_decisions (id, user_id, approved, ml_risk_score, policy_version, features, offer_id, decided_at)
      select gen_random_uuid(), id, true, 0.2, 'policy-0', '{}', gen_random_uuid(), now() - back * interval '8 days'
      from unnest(${ids}::uuid[]) as person (id), generate_series(1, ${PAST_OFFERS}::int) as back
      returning id, user_id, offer_id, decided_at
    )
    insert into credit_limits
      (id, user_id, decision_id, status, credit_limit, interest_rate, credit_type, expires_at, created_at)
    select offer_id, user_id, id, 'expired', 5000, 8, 'SHORT_TERM_PERSONAL_LOAN', decided_at + interval '7 days', decided_at
    from past`;
  await sql`analyze users, emotional_events_summary, transactions_summary, credit_decisions, credit_limits`;
  return ids;
};

/** A request for the analysis of each person, with a token of their own. */
export const analysisRequests = (ids: readonly string[]): Promise<RequestText[]> =>
  requestsOf(ids, (id) => ({ method: "POST", path: `/v1/users/${id}/credit-analysis` }));

/** The same for the list of each person's offers. */
export const offersRequests = (ids: readonly string[]): Promise<RequestText[]> =>
  requestsOf(ids, (id) => ({ method: "GET", path: `/v1/users/${id}/offers` }));

const requestsOf = (
  ids: readonly string[],
  what: (id: string) => Pick<RequestText, "method" | "path">,
): Promise<RequestText[]> =>
  Promise.all(
    ids.map(async (id) => ({
      ...what(id),
      headers: { authorization: `Bearer ${await accessToken(id, "user")}` },
    })),
  );

/** What the model is asked about one of them. */
export const predictionRequest: RequestText = {
  method: "POST",
  path: "/v1/predict",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({
    transaction_count_30d: 90,
    avg_transaction_value_30d: 48.5,
    avg_positivity_7d: 0.76,
    stress_events_30d: 30,
  }),
};
