import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { migrate } from "../../platform/database/migrate.ts";
import { messageOf } from "../../platform/errors/message-of.ts";
import { ensureDatabase } from "../../stack/servers/postgres.ts";
import { startPostgres } from "../harness/servers.ts";
import { sweepAbandoned } from "../harness/temporary-folder.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { runLedger } from "./run-ledger.ts";

const EXIT = { well: 0, broken: 1, wrongOptions: 2 };
const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

const readOptions = (): Options | undefined => {
  try {
    const options = parseOptions(process.argv.slice(2), Date.now());
    if (!options) console.log(HELP);
    return options;
  } catch (error) {
    console.error(`${messageOf(error)}\nSee npm run ledger:model -- --help`);
    process.exitCode = EXIT.wrongOptions;
    return undefined;
  }
};

const number = (count: number): string => count.toLocaleString("en-US");

const run = async ({ operations, perLedger, batch, seed }: Options): Promise<void> => {
  await using server = await startPostgres({ durable: false, sharedBuffers: "256MB" });
  const started = performance.now();
  const byStatus = new Map<number, number>();
  let [done, batches] = [0, 0];
  for (let ledger = 0; done < operations; ledger++) {
    const sql = postgres(await ensureDatabase(server.url, `ledger_${ledger}`), {
      max: 2,
      onnotice: () => {},
    });
    await migrate(sql, MIGRATIONS);
    const wanted = Math.min(perLedger, operations - done);
    const tally = await runLedger(sql, { seed: seed + ledger, operations: wanted, batch });
    await sql.end();
    done += tally.operations;
    batches += tally.batches;
    for (const [status, count] of tally.byStatus) byStatus.set(status, (byStatus.get(status) ?? 0) + count);
    const seconds = Math.round((performance.now() - started) / 1_000);
    console.log(`seed ${seed + ledger}: as the model says; ${number(done)} operations in ${seconds} s`);
  }
  const statuses = [...byStatus]
    .toSorted(([a], [b]) => a - b)
    .map(([status, n]) => `${status}: ${number(n)}`);
  console.log(`\n${number(done)} operations in ${number(batches)} batches; answers ${statuses.join(", ")}`);
};

const options = readOptions();
if (options) {
  sweepAbandoned();
  try {
    await run(options);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = EXIT.broken;
  }
}
