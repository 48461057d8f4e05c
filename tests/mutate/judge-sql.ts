import postgres from "postgres";
import { runLedger } from "../ledger/run-ledger.ts";

export type Verdict = "killed" | "survived" | "invalid";

/** A mutant may loop for ever. */
const STATEMENT_TIMEOUT_MS = 10_000;
const TEMPLATE = "mutate_template";

export type Bench = {
  readonly adminUrl: string;
  readonly seeds: readonly number[];
  readonly operations: number;
};

/** Whether the model of the ledger notices a function's mutant; invalid is one that the database does not take. */
export const judgeSql = async (bench: Bench, name: string, definition: string): Promise<Verdict> => {
  for (const seed of bench.seeds) {
    const verdict = await judgeOnce(bench, name, definition, seed);
    if (verdict !== "survived") return verdict;
  }
  return "survived";
};

const judgeOnce = async (bench: Bench, name: string, definition: string, seed: number): Promise<Verdict> => {
  const admin = postgres(bench.adminUrl, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(`create database ${name} template ${TEMPLATE} strategy file_copy`);
    return await judgeIn(bench, name, definition, seed);
  } finally {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.end({ timeout: 1 });
  }
};

const judgeIn = async (
  { adminUrl, operations }: Bench,
  name: string,
  definition: string,
  seed: number,
): Promise<Verdict> => {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  const connection = { statement_timeout: STATEMENT_TIMEOUT_MS };
  const sql = postgres(url.href, { max: 2, onnotice: () => {}, connection });
  try {
    await sql.unsafe(definition);
  } catch {
    await sql.end({ timeout: 1 });
    return "invalid";
  }
  try {
    await runLedger(sql, { seed, operations, batch: 120 });
    return "survived";
  } catch {
    return "killed";
  } finally {
    await sql.end({ timeout: 1 });
  }
};

export const TEMPLATE_DATABASE = TEMPLATE;
