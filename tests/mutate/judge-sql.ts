import postgres from "postgres";
import { runLedger } from "../ledger/run-ledger.ts";

/** `invalid` is a mutant that the database does not take. */
export type Verdict = "killed" | "survived" | "invalid";

/** A mutant may loop for ever. */
const STATEMENT_TIMEOUT_MS = 10_000;

export type Bench = {
  /** A migrated database of its own, which is emptied before each run. */
  readonly url: string;
  readonly seeds: readonly number[];
  readonly operations: number;
};

/** Whether the model of the ledger notices a function's mutant. The function is as it was afterwards. */
export const judgeSql = async (bench: Bench, mutant: string, original: string): Promise<Verdict> => {
  const sql = connect(bench.url);
  try {
    await sql.unsafe(mutant);
    for (const seed of bench.seeds) {
      await sql.unsafe(EMPTY);
      const { operations } = bench;
      const noticed = await runLedger(sql, { seed, operations, batch: 120 }).then(
        () => false,
        () => true,
      );
      if (noticed) return "killed";
    }
    return "survived";
  } finally {
    await sql.end({ timeout: 1 });
    await restore(bench, original);
  }
};

/** Whether the database takes a function's definition; nothing of it stays. */
export const isValid = async ({ url }: Bench, definition: string): Promise<boolean> => {
  const sql = connect(url);
  const undone = new Error("taken");
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(definition);
      throw undone;
    });
    return false;
  } catch (error) {
    return error === undone;
  } finally {
    await sql.end({ timeout: 1 });
  }
};

// On a connection of its own: what a mutant left running on the other is ended with it.
const restore = async ({ url }: Bench, original: string): Promise<void> => {
  const sql = connect(url);
  try {
    await sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`;
    await sql.unsafe(original);
  } finally {
    await sql.end({ timeout: 1 });
  }
};

const connect = (url: string): postgres.Sql =>
  postgres(url, { max: 2, onnotice: () => {}, connection: { statement_timeout: STATEMENT_TIMEOUT_MS } });

// A new database for each run took longer than the run.
const EMPTY = `do $$
declare
  t regclass;
  filled boolean;
begin
  for t in
    select c.oid from pg_class as c
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> 'schema_migrations'
  loop
    execute format('select exists (select from %s)', t) into filled;
    if filled then execute format('truncate %s cascade', t); end if;
  end loop;
end $$`;
