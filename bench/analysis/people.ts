import { SignJWT } from "jose";
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../contracts/access-token.ts";
import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { RequestText } from "../load/protocol.ts";
import { randomUuid, seededRandom } from "../load/random.ts";

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
  await sql`analyze`;
  return ids;
};

/** A request for the analysis of each person, with a token of their own. */
export const analysisRequests = (ids: readonly string[], jwtSecret: string): Promise<RequestText[]> => {
  const key = new TextEncoder().encode(jwtSecret);
  return Promise.all(
    ids.map(async (id): Promise<RequestText> => {
      const token = await new SignJWT({ role: "user" })
        .setProtectedHeader({ alg: TOKEN_ALGORITHM })
        .setIssuer(TOKEN_ISSUER)
        .setAudience(TOKEN_AUDIENCE)
        .setSubject(id)
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(key);
      return {
        method: "POST",
        path: `/v1/users/${id}/credit-analysis`,
        headers: { authorization: `Bearer ${token}` },
      };
    }),
  );
};

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
