import { performance } from "node:perf_hooks";
import type postgres from "postgres";
import { textArray } from "../../platform/database/array-literal.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import { type Rule, loadRules } from "./load-rules.ts";

export type Violation = { readonly subject: string; readonly detail: string };

export type Finding = Omit<Rule, "query"> & {
  /** How many rows break the rule. */
  readonly violations: number;
  /** The first of them. */
  readonly examples: readonly Violation[];
  readonly ms: number;
};

/** What the stream holds of the ledger's events: complete for everything that happened from `since` on. */
export type Published = { readonly messageIds: readonly string[]; readonly since: Date };

export type VerifyOptions = {
  /** Read after the snapshot is taken, so that what is not in the outbox any more is in the stream already. */
  readonly readPublished?: () => Promise<Published | undefined>;
  /** True where nothing empties the outbox: then every event must still be there. */
  readonly outboxIsWhole?: boolean;
  /** Rules that are not looked at, by their names. */
  readonly without?: readonly string[];
  readonly examples?: number;
};

/**
 * Replays the whole ledger in one snapshot, while it may go on, and looks for anything that breaks a rule. Changes
 * nothing. Without the stream, changes whose events have left the outbox are taken to have been published.
 */
export const verifyLedger = async (sql: postgres.Sql, options: VerifyOptions = {}): Promise<Finding[]> => {
  const connection = await sql.reserve();
  try {
    await connection`begin isolation level repeatable read`;
    return await findBroken(connection, options);
  } finally {
    await connection`rollback`.catch(() => {});
    connection.release();
  }
};

/** The same within a transaction of the caller's, which leaves a temporary table and function behind until it is rolled back. */
export const findBroken = async (
  connection: Queryable,
  { readPublished, outboxIsWhole = false, without = [], examples = 5 }: VerifyOptions = {},
): Promise<Finding[]> => {
  // The first statement takes the snapshot. What was published before it must not be missed after it.
  await connection`create temporary table ledger_published (message_id text collate "C" primary key)`;
  // What somebody may have written where there was JSON must not end the reading.
  await connection.unsafe(`
    create function pg_temp.ledger_json(body text) returns jsonb
    language plpgsql immutable as $$ begin return body::jsonb; exception when others then return null; end $$`);
  // Millions of rows are sorted and hashed here.
  await connection`
    select set_config('ledger.announced_since', ${outboxIsWhole ? "-infinity" : "infinity"}, true),
      set_config('work_mem', '128MB', true), set_config('statement_timeout', '0', true)`;
  const published = await readPublished?.();
  if (published) await notePublished(connection, published);
  const findings: Finding[] = [];
  for (const rule of loadRules().filter(({ name }) => !without.includes(name)))
    findings.push(await find(connection, rule, examples));
  return findings;
};

const notePublished = async (connection: Queryable, { messageIds, since }: Published): Promise<void> => {
  const ids = textArray(messageIds);
  await connection`
    insert into ledger_published (message_id) select unnest(${ids}::text[]) on conflict do nothing`;
  await connection`select set_config('ledger.announced_since', ${since.toISOString()}, true)`;
};

const find = async (
  connection: Queryable,
  { name, says, query }: Rule,
  examples: number,
): Promise<Finding> => {
  const start = performance.now();
  const rows = await connection.unsafe<(Violation & { total: string })[]>(
    `select subject, detail, count(*) over () as total from (\n${query}\n) as broken limit ${examples}`,
  );
  return {
    name,
    says,
    violations: Number(rows[0]?.total ?? 0),
    examples: rows.map(({ subject, detail }) => ({ subject, detail })),
    ms: performance.now() - start,
  };
};
