import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { migrate } from "../../platform/database/migrate.ts";
import { messageOf } from "../../platform/errors/message-of.ts";
import { ensureDatabase } from "../../stack/servers/postgres.ts";
import { startPostgres } from "../harness/servers.ts";
import { sweepAbandoned } from "../harness/temporary-folder.ts";
import { checkOriginals } from "./check-originals.ts";
import { readEquivalents, reasonFor } from "./equivalent.ts";
import { type Judge, judgeAll } from "./judge-all.ts";
import { judgeSqlByTests, judgeTypescript, readDomain } from "./judge-by-tests.ts";
import { isValid, judgeSql } from "./judge-sql.ts";
import { mutate } from "./operators.ts";
import { HELP, type Options, choose, parseOptions } from "./options.ts";
import { renderReport } from "./report.ts";
import { type Result, mergeResults, readResults, writeResults } from "./results.ts";
import { isModelled, readFunctions } from "./sql-functions.ts";

const EXIT = { well: 0, survivors: 1, wrongOptions: 2 };
const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));
const REPORT = new URL("../../docs/mutation.md", import.meta.url);

const readOptions = (): Options | undefined => {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (!options) console.log(HELP);
    return options;
  } catch (error) {
    console.error(`${messageOf(error)}\nSee npm run mutate -- --help`);
    process.exitCode = EXIT.wrongOptions;
    return undefined;
  }
};

/** @returns what is wrong: code that does not pass as it is, survivors, and what is listed as equivalent and is not */
const run = async (options: Options): Promise<string[]> => {
  await using server = await startPostgres({ durable: false, sharedBuffers: "256MB" });
  const url = await ensureDatabase(server.url, "mutate");
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  await migrate(sql, MIGRATIONS);
  const functions = await readFunctions(sql);
  await sql.end();
  const seeds = [1, 2, 3].map((index) => options.seed * 10 + index);
  const bench = { url, seeds, operations: options.operations };
  const judgeFunction: Judge = async (name, source, mutation, equivalent) => {
    const mutant = mutate(source, mutation);
    if (!(await isValid(bench, mutant))) return "invalid";
    const byModel = isModelled(name);
    const verdict = byModel ? await judgeSql(bench, mutant, source) : "survived";
    // What the model cannot see has tests of its own.
    return verdict === "survived" && !(byModel && equivalent) ? judgeSqlByTests(name, mutant) : verdict;
  };
  const domain = readDomain();
  const sources = new Map([...functions, ...domain]);
  if (options.report) return report(sources, []);
  const names = choose(sources.keys(), options.only);
  const chosen = ([name]: readonly [string, string]): boolean => names.has(name);
  const judged = {
    functions: new Map([...functions].filter(chosen)),
    files: new Map([...domain].filter(chosen)),
  };
  const faults = await checkOriginals(bench, { functions: judged.functions, files: judged.files.keys() });
  if (faults.length > 0) return faults;
  const shared = {
    equivalents: readEquivalents(),
    before: readResults(),
    today: new Date().toISOString().slice(0, 10),
    // A part of the mutants says nothing of the others.
    onJudged: (result: Result): void => void (options.sample === 100 && report(sources, [result])),
  };
  return [
    ...(await judgeAll(judged.functions, "sql", options, { ...shared, judge: judgeFunction })),
    ...(await judgeAll(judged.files, "typescript", options, { ...shared, judge: judgeTypescript })),
  ];
};

/** Writes what is known now of all that there is; returns what survives by it. */
const report = (sources: ReadonlyMap<string, string>, judged: readonly Result[]): string[] => {
  const results = mergeResults(readResults(), judged, [...sources.keys()]);
  const equivalents = readEquivalents();
  writeResults(results);
  writeFileSync(REPORT, renderReport(sources, results, equivalents));
  return results.flatMap(({ name, survived }) =>
    survived
      .filter((mutant) => reasonFor(equivalents, name, mutant) === undefined)
      .map(({ number, mutant }) => `survived  ${name}, line ${number}: ${mutant}`),
  );
};

const options = readOptions();
if (options) {
  sweepAbandoned();
  const complaints = await run(options);
  console.log(complaints.length === 0 ? "\nnone survived" : `\n${complaints.join("\n")}`);
  process.exitCode = complaints.length === 0 ? EXIT.well : EXIT.survivors;
}
