import type { Sql } from "postgres";
import { accountForEvents } from "../../faults/support/event-account.ts";
import type { SentEvent } from "../../faults/support/event-ledger.ts";
import type { Acceptance } from "../clients/acceptances.ts";
import { accountForAcceptances } from "./acceptance-account.ts";
import { readDeadLetters } from "./dead-letters.ts";
import { outboxRows } from "./quiet.ts";

export type Evidence = {
  readonly users: readonly string[];
  readonly events: readonly SentEvent[];
  readonly acceptances: ReadonlyMap<string, Acceptance>;
  /** Whose doings the database holds besides, the stack's own accounts. */
  readonly others: readonly string[];
  /** What was put into the streams for the dead letters to catch. */
  readonly poison: ReadonlySet<string>;
  /** What clients were told that should not be told them. */
  readonly refusals: readonly string[];
};

/** Each list names what is wrong, one by one. */
export type Verdict = {
  readonly lost: string[];
  readonly doubled: string[];
  /** Rules that do not hold, other than those two. */
  readonly broken: string[];
  readonly deadLetters: number;
};

/** Holds what is stored to what was acknowledged. */
export const judgeAll = async (sql: Sql, natsUrl: string, evidence: Evidence): Promise<Verdict> => {
  const { users, events, acceptances, poison } = evidence;
  const account = await accountForEvents(sql, users, events);
  const offers = await accountForAcceptances(sql, natsUrl, acceptances);
  const dead = await readDeadLetters(sql, events, poison);
  const outbox = await outboxRows(sql);
  const unburied = [...poison].filter((letter) => !dead.poison.has(letter));
  const rules: Record<string, readonly string[]> = {
    "stored and never sent": [...account.uninvited, ...offers.uninvited, ...(await strangers(sql, evidence))],
    "stored otherwise than sent": account.distorted,
    "a summary that its events do not add up to": account.wrongSummaries,
    "more than one open offer or active limit": await crowdedPeople(sql),
    "outbox not empty": outbox > 0 ? [`${outbox} rows`] : [],
    "dead letter that nobody sent": dead.unexplained,
    "poison that is no dead letter": unburied,
    "more than one dead letter of one message": dead.repeated,
    "refused for good": evidence.refusals,
  };
  return {
    lost: [...account.lost.filter((key) => !dead.events.has(key)), ...offers.lost],
    doubled: [...account.doubled, ...offers.doubled],
    broken: Object.entries(rules).flatMap(([rule, found]) => found.map((what) => `${rule}: ${what}`)),
    deadLetters: dead.count,
  };
};

const crowdedPeople = async (sql: Sql): Promise<string[]> => {
  const rows = await sql<{ user_id: string; open: number; active: number }[]>`
    select user_id, open, active from (
      select user_id, count(*) filter (where status in ('offered', 'accepted'))::int as open,
        count(*) filter (where status = 'active')::int as active
      from credit_limits group by user_id
    ) standing where open > 1 or active > 1`;
  return rows.map(({ user_id, open, active }) => `${user_id}: ${open} open, ${active} active`);
};

const strangers = async (sql: Sql, { users, others }: Evidence): Promise<string[]> => {
  const known = [...users, ...others];
  const rows = await sql<{ user_id: string }[]>`
    select distinct user_id from (
      select user_id from emotion_events union all select user_id from transactions
      union all select user_id from credit_limits union all select user_id from notifications
    ) anything
    where not (user_id = any(${known}::uuid[]))`;
  return rows.map(({ user_id }) => `rows of ${user_id}`);
};
