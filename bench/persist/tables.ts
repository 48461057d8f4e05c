import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql } from "../../platform/database/connect.ts";
import type { Kind } from "./kinds.ts";

/** Every round begins with empty tables. */
export const emptyTables = async (sql: Sql, { table, identities, summary }: Kind): Promise<void> =>
  void (await sql`truncate ${sql(table)}, ${sql(identities)}, ${sql(summary.table)}`);

/** @throws Error unless the raw rows and the daily totals both count exactly so many events */
export const requireEvents = async (sql: Sql, { table, summary }: Kind, expected: number): Promise<void> => {
  const [found] = await sql<{ rows: number; summed: number }[]>`
    select
      (select count(*)::int from ${sql(table)}) as rows,
      (select coalesce(sum(${sql(summary.count)}), 0)::int from ${sql(summary.table)}) as summed`;
  if (found?.rows === expected && found.summed === expected) return;
  throw new Error(
    `${table} should hold ${expected} events; it holds ${found?.rows}, and ${summary.table} counts ${found?.summed}`,
  );
};

const CHUNK_ROWS = 500;

/** Rows in pieces that are ready to be sent. */
export const toChunks = (rows: readonly string[]): Buffer[] =>
  Array.from({ length: Math.ceil(rows.length / CHUNK_ROWS) }, (_, index) =>
    Buffer.from(rows.slice(index * CHUNK_ROWS, (index + 1) * CHUNK_ROWS).join("")),
  );

/** Loads rows the fastest way that PostgreSQL has, in one transaction. */
export const copyRows = async (
  sql: Sql,
  { table, columns }: Kind,
  chunks: readonly Buffer[],
): Promise<void> => {
  const sink = await sql`copy ${sql(table)} (${sql(columns)}) from stdin`.writable();
  await pipeline(Readable.from(chunks, { objectMode: true }), sink);
};
