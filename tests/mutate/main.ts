import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { migrate } from "../../platform/database/migrate.ts";
import { randomFor } from "../../simulator/domain/random.ts";
import { ensureDatabase } from "../../stack/servers/postgres.ts";
import { startPostgres } from "../harness/servers.ts";
import { sweepAbandoned } from "../harness/temporary-folder.ts";
import { TEMPLATE_DATABASE, type Verdict, judgeSql } from "./judge-sql.ts";
import { type Language, type Mutation, describeMutation, findMutations, mutate } from "./operators.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { readFunctions } from "./sql-functions.ts";
import { judgeSqlByTests, judgeTypescript, readDomain } from "./judge-by-tests.ts";

const EXIT = { well: 0, survivors: 1, wrongOptions: 2 };
const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

type Judge = (name: string, source: string, mutation: Mutation, number: number) => Promise<Verdict>;

const readOptions = (): Options | undefined => {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (!options) console.log(HELP);
    return options;
  } catch (error) {
    console.error(`${(error as Error).message}\nSee npm run mutate -- --help`);
    process.exitCode = EXIT.wrongOptions;
    return undefined;
  }
};

/** Judges every mutant of the sources; returns how many survived. */
const judgeAll = async (
  sources: ReadonlyMap<string, string>,
  language: Language,
  { only, sample, seed }: Options,
  judge: Judge,
): Promise<number> => {
  const random = randomFor(seed, language);
  let survivors = 0;
  for (const [name, source] of sources) {
    if (!name.includes(only)) continue;
    const mutations = findMutations(source, language).filter(() => random() * 100 < sample);
    const counts = { killed: 0, survived: 0, invalid: 0 };
    for (const [number, mutation] of mutations.entries()) {
      const verdict = await judge(name, source, mutation, number);
      counts[verdict] += 1;
      if (verdict === "survived") console.log(`  survived  ${name}, ${describeMutation(source, mutation)}`);
    }
    survivors += counts.survived;
    console.log(
      `${name}: ${counts.killed} killed, ${counts.survived} survived, ${counts.invalid} not taken by the database`,
    );
  }
  return survivors;
};

const run = async (options: Options): Promise<number> => {
  await using server = await startPostgres({ durable: false, sharedBuffers: "256MB" });
  const template = postgres(await ensureDatabase(server.url, TEMPLATE_DATABASE), {
    max: 2,
    onnotice: () => {},
  });
  await migrate(template, MIGRATIONS);
  const functions = await readFunctions(template);
  await template.end();
  const seeds = [1, 2, 3].map((index) => options.seed * 10 + index);
  const bench = { adminUrl: server.url, seeds, operations: options.operations };
  const inSql = await judgeAll(functions, "sql", options, async (name, source, mutation, number) => {
    const mutant = mutate(source, mutation);
    const verdict = await judgeSql(bench, `mutant_${name}_${number}`, mutant);
    // The model knows the batch functions; what stands around them has tests of its own.
    return verdict === "survived" ? judgeSqlByTests(mutant) : verdict;
  });
  return inSql + (await judgeAll(readDomain(), "typescript", options, judgeTypescript));
};

const options = readOptions();
if (options) {
  sweepAbandoned();
  const survivors = await run(options);
  console.log(survivors === 0 ? "\nnone survived" : `\n${survivors} survived`);
  process.exitCode = survivors === 0 ? EXIT.well : EXIT.survivors;
}
