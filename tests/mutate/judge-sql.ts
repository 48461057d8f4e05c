import postgres from "postgres";
import { runLedger } from "../ledger/run-ledger.ts";

/** `invalid` is a mutant that the database does not take. */
export type Verdict = "killed" | "survived" | "invalid";

/** A mutant may loop for ever. */
const STATEMENT_TIMEOUT_MS = 10_000;
const TEMPLATE = "mutate_template";

export type Bench = {
  readonly adminUrl: string;
  readonly seeds: readonly number[];
  readonly operations: number;
};

/** Whether the model of the ledger notices a function's mutant. */
export const judgeSql = async (bench: Bench, name: string, definition: string): Promise<Verdict> => {
  for (const seed of bench.seeds) {
    const verdict = await judgeOnce(bench, name, definition, seed);
    if (verdict !== "survived") return verdict;
  }
  return "survived";
};

/** Whether the database takes a function's definition; nothing of it stays. */
export const isValid = async (adminUrl: string, definition: string): Promise<boolean> => {
  const sql = connect(adminUrl, TEMPLATE);
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
  const sql = connect(adminUrl, name);
  try {
    await sql.unsafe(definition);
    await runLedger(sql, { seed, operations, batch: 120 });
    return "survived";
  } catch {
    return "killed";
  } finally {
    await sql.end({ timeout: 1 });
  }
};

const connect = (adminUrl: string, database: string): postgres.Sql => {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const connection = { statement_timeout: STATEMENT_TIMEOUT_MS };
  return postgres(url.href, { max: 2, onnotice: () => {}, connection });
};

export const TEMPLATE_DATABASE = TEMPLATE;
