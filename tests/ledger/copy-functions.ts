import type postgres from "postgres";
import { type FunctionText, readFunctionTexts } from "./function-texts.ts";

type Defined = { oid: number; name: string; definition: string; written: string };

const HEAD = "-- A copy to read, by npm run ledger:functions. A function is changed by a new migration.\n\n";

/**
 * Every function of the ledger as the migrated database runs it, by its name; those of one name together. Each is the
 * latest text of a migration that makes just this function, with its comment; one that a migration changed by words is
 * as the database has it.
 */
export const copyFunctions = async (sql: postgres.Sql): Promise<Map<string, string>> => {
  const texts = readFunctionTexts();
  const copies = new Map<string, string>();
  for (const name of new Set((await read(sql)).map((defined) => defined.name))) {
    const found = await findTexts(sql, name, texts);
    copies.set(name, `${HEAD}${found.join("\n\n")}\n`);
  }
  return copies;
};

const findTexts = async (sql: postgres.Sql, name: string, texts: FunctionText[]): Promise<string[]> => {
  const before = await read(sql, name);
  const found = new Map<number, string>();
  for (const { text } of texts.filter((candidate) => candidate.name === name)) {
    if (found.size === before.length) break;
    const after = await readWith(sql, name, text);
    const made = after.find(
      ({ oid, written }) => !before.some((f) => f.oid === oid && f.written === written),
    );
    const same = after.length === before.length && before.some((f) => f.definition === made?.definition);
    if (made && same && !found.has(made.oid)) found.set(made.oid, text);
  }
  return before.map(({ oid, definition }) => found.get(oid) ?? `${definition.trimEnd()};`);
};

const read = (sql: postgres.Sql, name?: string): Promise<Defined[]> => sql<Defined[]>`
  select p.oid::integer as oid, p.proname as name, pg_get_functiondef(p.oid) as definition, p.xmin::text as written
  from pg_proc as p
  where p.pronamespace = 'public'::regnamespace and p.proname ~ '^ledger_' and p.proname = coalesce(${name ?? null}, p.proname)
  order by p.proname, p.oid`;

/** What there is of this name once a text has run, of which nothing stays; none where it cannot run. */
const readWith = async (sql: postgres.Sql, name: string, text: string): Promise<Defined[]> => {
  let after: Defined[] = [];
  const undone = new Error("read");
  await sql
    .begin(async (tx) => {
      await tx.unsafe(text);
      after = await read(tx as unknown as postgres.Sql, name);
      throw undone;
    })
    .catch(() => {});
  return after;
};
