import type { Sql } from "../../platform/database/connect.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { uuidv7 } from "uuidv7";

export type Person = { id: string; caller: Caller };

/** A fresh user straight in the database; nobody can log in as it. */
export const makePerson = async (sql: Sql): Promise<Person> => {
  const id = uuidv7();
  await sql`insert into users (id, email, password_hash) values (${id}, ${`${id}@example.com`}, 'none')`;
  return { id, caller: { kind: "user", id } };
};

/** A day of emotions in the summary, `daysAgo` UTC days back. */
export const feel = async (
  sql: Sql,
  { id }: Person,
  { daysAgo = 0, events = 4, positivity = 0.5, stressed = 0 } = {},
): Promise<void> => {
  await sql`
    insert into emotional_events_summary (
      user_id, day, event_count, high_stress_count, positivity_sum, intensity_sum, stress_sum
    ) values (
      ${id}, (now() at time zone 'UTC')::date - ${daysAgo}::int, ${events}, ${stressed},
      ${positivity}::numeric * ${events}::numeric, 1, 1
    )`;
};

/** A day of purchases in the summary. */
export const spend = async (
  sql: Sql,
  { id }: Person,
  { daysAgo = 0, purchases = 2, total = "50.5", currency = "USD" } = {},
): Promise<void> => {
  await sql`
    insert into transactions_summary (user_id, day, currency, transaction_count, amount_sum)
    values (
      ${id}, (now() at time zone 'UTC')::date - ${daysAgo}::int, ${currency}, ${purchases}, ${total}::numeric
    )`;
};
