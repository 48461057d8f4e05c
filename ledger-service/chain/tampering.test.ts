import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uuidv7 } from "uuidv7";
import type { Queryable } from "../../platform/database/connect.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { KEY, linkAll, order, whileUndone } from "../../tests/ledger/chain-links.ts";
import { openLine } from "../../tests/ledger/credit-line.ts";
import { post } from "../../tests/ledger/drive/post.ts";
import { openAccount } from "../../tests/ledger/open-account.ts";
import { brokenRules } from "../verify/describe.ts";
import { findBroken } from "../verify/verify-ledger.ts";
import { RECORD_FIELDS } from "./record-fields.ts";
import { verifyChain } from "./verify-chain.ts";

/** One row of each kind, with as much in it as there can be; their ids by name. */
const use = async (sql: postgres.Sql) => {
  const bank = await openAccount(sql, { kind: "bank" });
  const wallet = await openAccount(sql, { kind: "wallet", ownerId: uuidv7() });
  const pair = { bank, system: wallet };
  const [paid, first, reverted, revert] = [uuidv7(), order(pair), order(pair), uuidv7()];
  await sql`select ledger_post_one(
    source => ${bank}, destination => ${wallet}, id => ${paid}, amount => 20, type => 'transfer', scope => 'platform',
    reference_id => 'invoice-7', description => 'Rent', effective_at => '2026-01-01')`;
  // One that waited is posted by a later attempt.
  const waiting = { ...order({ bank: wallet, system: bank }), amount: "21", waits: true };
  await post(sql, [waiting], "each");
  await post(sql, [first, reverted], "each");
  await post(sql, [waiting], "retry");
  await post(sql, [{ ...order({ bank: wallet, system: bank }), id: revert, reverts: reverted.id }], "each");
  const line = await openLine(sql, 100_00);
  const [captured, voided, open] = [uuidv7(), uuidv7(), uuidv7()];
  await sql`select * from ledger_authorize(
    ids => ${[captured, voided, open]}::uuid[], owners => array_fill(${line.owner}::uuid, array[3]), amounts => array[7.00, 8, 9],
    currencies => array_fill('USD'::text, array[3]), scopes => array_fill(${line.scope}::text, array[3]),
    seconds => array[600, 600, 600], refs => array['order-1', 'order-2', 'order-3'], headers => array_fill('{"a":"b"}'::jsonb, array[3]))`;
  await sql`select * from ledger_capture(
    ids => ${[uuidv7(), uuidv7()]}::uuid[], holds => ${[captured, open]}::uuid[],
    scopes => array_fill(${line.scope}::text, array[2]), amounts => array[4.00, 1], finals => array[true, false])`;
  await sql`select * from ledger_void(holds => array[${voided}::uuid], scopes => array[${line.scope}::text])`;
  const declined = uuidv7();
  await sql`select * from ledger_authorize(
    ids => array[${declined}::uuid], owners => array[${line.owner}::uuid], amounts => array[700.00], currencies => array['USD'],
    scopes => array[${line.scope}], seconds => array[600], refs => array['order-4'])`;
  await sql`select ledger_change_account(
    id => ${line.accountId}, expected => null, new_limit => 50, new_status => null, actor => 'operator:ada', reason => 'asked for',
    instance => '', request_id => '', problems => '{}')`;
  await sql`
    insert into ledger_sagas (id, state, step, step_deadline, next_attempt_at, created_at, updated_at)
    values
      (${captured}, 'stuck', 'confirm', now(), now(), now(), now()),
      (${voided}, 'compensated', 'reserve', now(), now(), now(), now())`;
  await sql`select ledger_saga_act(${captured}, 'resolve', 'operator:ada', 'by hand', 60)`;
  await linkAll(sql);
  return {
    paid,
    waiting: waiting.id,
    reverted: reverted.id,
    revert,
    captured,
    voided,
    open,
    declined,
    line: line.accountId,
  };
};

type Name = keyof Awaited<ReturnType<typeof use>>;
type Table = {
  readonly table: string;
  readonly kind: string;
  readonly row: Name;
  readonly where?: string;
  /** Columns that no record has: the rule that names a change of one, or why nothing does. */
  readonly others: Readonly<Record<string, { readonly rule: string } | { readonly free: string }>>;
  /** Where a constraint does not take just any other value. */
  readonly values?: Readonly<Record<string, string>>;
  /** What whoever owns the table can take out of the way. */
  readonly first?: string;
};

const STATE = { rule: "transfers-consistent" };
const POSTED: Table["others"] = {
  status: STATE,
  failure_code: STATE,
  next_attempt_at: STATE,
  reverted_by_id: STATE,
};
const WITHOUT_TRIGGERS = "alter table ledger_holds disable trigger user";
const OF_CLOSINGS = {
  status: { rule: "holds-add-up" },
  captured: { rule: "holds-add-up" },
  voided: { rule: "holds-add-up" },
  expired: { rule: "holds-add-up" },
};
const OTHER_VERSIONS = {
  source_version: "source_version + 100",
  destination_version: "destination_version + 100",
  currency: "'EUR'",
};
const tables: readonly Table[] = [
  {
    table: "ledger_transfers",
    kind: "transfer",
    row: "paid",
    others: POSTED,
    values: { ...OTHER_VERSIONS, status: "'failed'" },
  },
  {
    table: "ledger_transfers",
    kind: "transfer",
    row: "waiting",
    others: POSTED,
    values: { ...OTHER_VERSIONS, status: "'failed'" },
  },
  {
    table: "ledger_transfers",
    kind: "transfer",
    row: "reverted",
    others: { ...POSTED, reverted_by_id: { rule: "reverts-linked" } },
    values: { ...OTHER_VERSIONS, status: "'complete'" },
  },
  {
    table: "ledger_transfers",
    kind: "transfer",
    row: "revert",
    others: POSTED,
    values: { ...OTHER_VERSIONS, status: "'failed'" },
  },
  {
    table: "ledger_holds",
    kind: "hold",
    row: "open",
    first: WITHOUT_TRIGGERS,
    values: { status: "'captured'" },
    others: {
      ...OF_CLOSINGS,
      open: { rule: "holds-add-up" },
      closed_version: { rule: "versions-gapless" },
      updated_at: { free: "of one that is open it says when it was captured last, as its captures do" },
      closed_xid: { rule: "holds-add-up" },
    },
  },
  {
    table: "ledger_holds",
    kind: "closing of hold",
    row: "voided",
    first: WITHOUT_TRIGGERS,
    values: { status: "'expired'" },
    others: { open: { rule: "holds-add-up" } },
  },
  {
    table: "ledger_holds",
    kind: "closing of hold",
    row: "captured",
    first: WITHOUT_TRIGGERS,
    values: { status: "'expired'" },
    others: { open: { rule: "holds-add-up" } },
  },
  {
    table: "ledger_declines",
    kind: "decline",
    row: "declined",
    others: {},
    values: { reason: "'no_credit_line'" },
  },
  {
    table: "ledger_account_changes",
    kind: "account change",
    row: "line",
    where: "account_id = $1 and change = 'limit'",
    others: {},
    values: {
      account_id: "(select a.id from ledger_accounts as a where a.id <> $1 limit 1)",
      change: "'status'",
    },
  },
  {
    table: "ledger_accounts",
    kind: "account change",
    row: "line",
    others: {
      id: { free: "a foreign key keeps it" },
      status: { rule: "accounts-as-changed" },
      credit_limit: { rule: "limits-kept" },
      overlimit: { rule: "limits-kept" },
      debits_posted: { rule: "balances-replayed" },
      credits_posted: { rule: "balances-replayed" },
      debits_pending: { rule: "pending-is-open-holds" },
      credits_pending: { rule: "pending-is-open-holds" },
      version: { rule: "versions-gapless" },
      updated_at: { free: "only keeps later times from being earlier" },
      velocity_since: { free: "counting too much only has holds looked at" },
      velocity_holds: { free: "counting too much only has holds looked at" },
      velocity_total: { free: "counting too much only has holds looked at" },
    },
    values: { kind: "'wallet'", status: "'frozen'", currency: "'EUR'" },
    first: "alter table ledger_accounts disable trigger user",
  },
  {
    table: "ledger_saga_actions",
    kind: "saga action",
    row: "captured",
    where: "saga_id = $1",
    others: {},
    values: { action: "'retry'", saga_id: "(select s.id from ledger_sagas as s where s.id <> $1)" },
    first: "alter table ledger_saga_actions alter column id drop identity",
  },
];

/** Another value of a type than there is, as SQL. */
const OTHER: Readonly<Record<string, (column: string) => string>> = {
  uuid: () => "gen_random_uuid()",
  text: (column) => `coalesce(${column}, '') || 'x'`,
  bigint: (column) => `coalesce(${column}, 0) + 1`,
  smallint: (column) => `coalesce(${column}, 0) + 1`,
  integer: (column) => `coalesce(${column}, 0) + 1`,
  numeric: (column) => `${column} + 1`,
  jsonb: () => `'{"traceparent":"other"}'`,
  xid8: () => "'5'::xid8",
  "timestamp with time zone": (column) => `coalesce(${column}, now()) + interval '1 us'`,
};

describe("whoever can write to the database", () => {
  let database: FreshDatabase;
  let rows: Awaited<ReturnType<typeof use>>;
  beforeAll(async () => {
    database = await freshDatabase({ max: 2 });
    rows = await use(database.sql);
    expect((await verifyChain(database.sql, KEY)).broken).toEqual([]);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test("no rule is broken before, but for the sagas that nobody announced", async () => {
    const broken = await whileUndone(
      database.sql,
      async () => {},
      async (tx) => brokenRules(await findBroken(tx, { outboxIsWhole: true })),
    );
    expect(broken.map(({ name }) => name)).toEqual(["changes-announced"]);
  });

  test.each(tables)(
    "changes no column of $table ($kind, $row) unseen: the column is named",
    async (table) => {
      const { row, where = "id = $1", others, values = {}, first = "" } = table;
      const columns = await database.sql<{ column: string; type: string }[]>`
      select column_name as column, data_type as type from information_schema.columns where table_name = ${table.table}`;
      const fields = fieldsOf(table);
      expect(Object.keys(others).filter((column) => fields.includes(column))).toEqual([]);
      for (const { column, type } of columns) {
        const other = others[column];
        if (other && "free" in other) continue;
        const value = values[column] ?? OTHER[type]?.(column);
        if (value === undefined) throw new Error(`how to change ${column} of type ${type}?`);
        const change = async (tx: Queryable) => {
          await tx.unsafe(first);
          await tx.unsafe(`update ${table.table} set ${column} = ${value} where ${where}`, [rows[row]]);
        };
        const told = await whileUndone(database.sql, change, async (tx) =>
          other
            ? brokenRules(await findBroken(tx, { outboxIsWhole: true })).map(({ name }) => name)
            : (await verifyChain(tx, KEY)).broken.map(({ detail }) => detail),
        );
        const seen = other
          ? told.includes(other.rule)
          : told.some((detail) => detail.includes(` ${column} is `) || detail.endsWith("was taken away"));
        expect(seen, `${table.table}.${column}: ${told.join(", ") || "nothing"}`).toBe(true);
      }
    },
  );
});

/** Of a hold, both what it was placed with and how it ended; of an account, what its opening says of it. */
const fieldsOf = ({ table, kind }: Table): readonly string[] => {
  const fields = RECORD_FIELDS[kind]!;
  if (table === "ledger_accounts") return fields.slice(fields.indexOf("external_id"));
  return kind === "closing of hold" ? [...RECORD_FIELDS["hold"]!, ...fields] : fields;
};
