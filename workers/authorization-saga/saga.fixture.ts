import { randomUUID } from "node:crypto";
import { pino } from "pino";
import type { Sql } from "../../platform/database/connect.ts";
import type { Tracing } from "../../platform/observability/trace-ids.ts";
import { uuidv7 } from "uuidv7";
import { runSagas } from "./run-sagas.ts";
import type { RunSagasDeps, SagaTiming } from "./run-sagas.ts";

const TIMING: SagaTiming = { leaseSeconds: 1, stepSeconds: 60, retryBaseMs: 1 };

export const sagaDeps = (sql: Sql, timing: Partial<SagaTiming> = {}): RunSagasDeps => ({
  sql,
  logger: pino({ level: "silent" }),
  worker: randomUUID(),
  count: () => {},
  wakeRelay: () => {},
  timing: { ...TIMING, ...timing },
});

/** A fresh user with a credit line of 1,000.00 USD; `settled`: whether captures have somewhere to go. */
export const openLine = async (sql: Sql, { settled = true } = {}): Promise<{ userId: string }> => {
  const userId = uuidv7();
  await sql`insert into users (id, email, password_hash) values (${userId}::uuid, ${`${userId}@example.org`}, 'x')`;
  await sql`
    select ledger_open_credit_line(${uuidv7()}::uuid, ${uuidv7()}::uuid, ${userId}::uuid, 1000, 'USD', 2::smallint)`;
  if (!settled)
    await sql`update ledger_accounts set external_id = 'elsewhere' where external_id = 'settlement:USD'`;
  return { userId };
};

/** An approved purchase of 10.00 USD that waits to be captured. Returns its id. */
export const approve = async (
  sql: Sql,
  { userId }: { userId: string },
  headers: Tracing = {},
): Promise<string> => {
  const id = uuidv7();
  const [answer] = await sql<{ status: number; body: string }[]>`
    select status, body from ledger_authorize(
      ids => array[${id}::uuid], owners => array[${userId}::uuid], amounts => array[10.00], currencies => array['USD'],
      scopes => array['partner:test'], seconds => array[600], automatic => array[true],
      headers => array[${JSON.stringify(headers)}::text::jsonb]
    )`;
  if (!answer!.body.includes('"approved"')) throw new Error(answer!.body);
  return id;
};

/** Runs passes until none is due. */
export const runAll = async (deps: RunSagasDeps): Promise<void> => {
  while (await runSagas(deps));
};

export type Standing = { state: string; hold: string; captures: number; told: number; events: string[] };

/** Where a saga stands, and everything that it brought about. */
export const standing = async (sql: Sql, id: string): Promise<Standing> => {
  const [row] = await sql<Standing[]>`
    select s.state, h.status as hold,
      (select count(*)::int from ledger_transfers where hold_id = h.id) as captures,
      (select count(*)::int from notifications where id = h.id) as told,
      array(
        select subject from outbox where payload ->> 'authorizationId' = h.id::text order by id
      ) as events
    from ledger_sagas as s join ledger_holds as h on h.id = s.id where s.id = ${id}::uuid`;
  return row!;
};
