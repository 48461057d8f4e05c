import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import { type Features, windowsAt } from "../domain/features.ts";
import type { Standing } from "../domain/standing.ts";
import { type StandingRow, standingRows, toStanding } from "./standing.ts";

export type Applicant = { features: Features; standing: Standing };

/**
 * A user's features of now and their standing, in one round trip; undefined when there is no such user. Both
 * summaries are read by primary key (user, day). Spending in other currencies is not converted and does not count.
 */
export const readApplicant = async (
  sql: Queryable,
  userId: string,
  now: Date,
): Promise<Applicant | undefined> => {
  const { from7, from30 } = windowsAt(now);
  const rows = await sql<Row[]>`
    select e.avg_positivity_7d, e.stress_events_30d, t.transaction_count_30d, t.avg_transaction_value_30d, standing.*
    from users u
    cross join lateral (
      select
        round(
          sum(positivity_sum) filter (where day >= ${from7}::date)
            / sum(event_count) filter (where day >= ${from7}::date),
          6
        ) as avg_positivity_7d,
        sum(high_stress_count) as stress_events_30d
      from emotional_events_summary
      where user_id = u.id and day >= ${from30}::date
    ) e
    cross join lateral (
      select
        sum(transaction_count) as transaction_count_30d,
        round(sum(amount_sum) / sum(transaction_count), 4) as avg_transaction_value_30d
      from transactions_summary
      where user_id = u.id and day >= ${from30}::date and currency = ${DEFAULT_CURRENCY}
    ) t
    left join (${standingRows(sql, userId)}) standing on true
    where u.id = ${userId}::uuid`;
  const [row] = rows;
  if (!row) return undefined;
  return {
    features: {
      transaction_count_30d: numberOrNull(row.transaction_count_30d),
      avg_transaction_value_30d: numberOrNull(row.avg_transaction_value_30d),
      avg_positivity_7d: numberOrNull(row.avg_positivity_7d),
      stress_events_30d: numberOrNull(row.stress_events_30d),
    },
    standing: toStanding(rows),
  };
};

type Row = Record<keyof Features, string | null> & (StandingRow | { role: null });

const numberOrNull = (text: string | null): number | null => (text === null ? null : Number(text));
