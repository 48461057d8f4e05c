import type { Tracing } from "../../platform/observability/trace-ids.ts";
import type { Fragment, Queryable } from "../../platform/database/connect.ts";

export type SagaRow = {
  id: string;
  state: "running" | "compensating" | "completed" | "compensated" | "stuck" | "resolved";
  step: "reserve" | "post" | "confirm";
  pivoted: boolean;
  attempts: number;
  step_deadline: Date;
  next_attempt_at: Date;
  last_error: string | null;
  /** Of the request that it began with; null where these are not known. */
  headers: Tracing | null;
  created_at: Date;
  updated_at: Date;
};

export const readSaga = async (sql: Queryable, id: string): Promise<SagaRow | undefined> => {
  const [row] = await sql<SagaRow[]>`
    select ${columns(sql)} from ledger_sagas as s where s.id = ${id}::uuid`;
  return row;
};

/** Newest first. */
export const listSagas = (
  sql: Queryable,
  { state, before, most }: { state: SagaRow["state"]; before: string | undefined; most: number },
): Promise<SagaRow[]> => sql<SagaRow[]>`
  select ${columns(sql)}
  from (
    select l.* from (${sagasIn(sql)[state]}) as l
    ${before === undefined ? sql`` : sql`where l.id < ${before}::uuid`}
    order by l.id desc limit ${most}
  ) as s
  order by s.id desc`;

const columns = (sql: Queryable): Fragment => sql`
  s.id, s.state, s.step, s.pivoted, s.attempts, s.step_deadline, s.next_attempt_at, s.last_error, s.created_at,
  s.updated_at, (select h.headers from ledger_holds as h where h.id = s.id) as headers`;

// The states stand in the statements themselves: a plan for any state could use no index that has only some of them.
const sagasIn = (sql: Queryable): Record<SagaRow["state"], Fragment> => ({
  // Along ledger_sagas_due, also where it seems that the newest sagas would do: offset 0 keeps the planner from those.
  running: sql`select * from ledger_sagas where state = 'running' offset 0`,
  // Nearly all of the table, along its primary key.
  completed: sql`select * from ledger_sagas where state = 'completed'`,
  // Along ledger_sagas_few.
  compensating: sql`select * from ledger_sagas where state = 'compensating'`,
  compensated: sql`select * from ledger_sagas where state = 'compensated'`,
  stuck: sql`select * from ledger_sagas where state = 'stuck'`,
  resolved: sql`select * from ledger_sagas where state = 'resolved'`,
});

export type ActionRow = {
  action: "retry" | "compensate" | "resolve";
  actor: string;
  reason: string;
  state_before: SagaRow["state"];
  step_before: string;
  done_at: Date;
};

export const sagaActions = (sql: Queryable, id: string): Promise<ActionRow[]> => sql<ActionRow[]>`
  select action, actor, reason, state_before, step_before, done_at
  from ledger_saga_actions where saga_id = ${id}::uuid order by id`;

export type Acted = "done" | "not_found" | "not_stuck" | "past_pivot";

/** What an operator does to a saga, kept with the reason; the step then has `stepSeconds` again. */
export const actOnSaga = async (
  sql: Queryable,
  order: {
    id: string;
    action: ActionRow["action"];
    actor: string;
    reason: string;
    stepSeconds: number;
    headers: Tracing;
  },
): Promise<Acted> => {
  const [row] = await sql<{ acted: Acted }[]>`
    select ledger_saga_act(
      ${order.id}::uuid, ${order.action}, ${order.actor}, ${order.reason}, ${order.stepSeconds}::integer,
      ${JSON.stringify(order.headers)}::text::jsonb
    ) as acted`;
  return row!.acted;
};
