import { execFile } from "node:child_process";
import { readlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { WarmSide } from "../bench.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Sample } from "../measure/sample.ts";
import type { Lent } from "../system/lender.ts";
import { settle } from "./settle.ts";

const run = promisify(execFile);

export type Pgbench = {
  /** Makes TPC-B's tables: `-s` times 100,000 accounts. */
  readonly initialise: (scale: number) => Promise<void>;
  readonly side: (name: string, script?: string, options?: SideOptions) => WarmSide;
};

/** A script of our own, or pgbench's own TPC-B without one. */
export type SideOptions = {
  /** How many a transaction counts for. */
  readonly each?: number;
  /** Other than the bench's. */
  readonly clients?: number;
};

export type PgbenchOptions = {
  readonly postgres: Lent;
  /** Connected to it as its administrator. */
  readonly administrator: Sql;
  /** For scripts. */
  readonly folder: string;
  readonly clients: number;
  /** Of a round, a whole number. */
  readonly seconds: number;
};

const THREADS = 2;
const WARM_UP_SECONDS = 2;

/** PostgreSQL's own bench, prepared statements, on the server that everything else is measured on. */
export const openPgbench = (options: PgbenchOptions): Pgbench => {
  const { postgres, administrator, folder, clients, seconds } = options;
  const program = besideServer(postgres.pid);
  const pgbench = async (...args: string[]): Promise<string> =>
    (await run(program, [...args, postgres.url], { timeout: 120_000 })).stdout;

  const measure = async (
    args: readonly string[],
    { each, of, for: seconds }: { each: number; of: number; for: number },
  ): Promise<Sample> => {
    const output = await pgbench(
      "--no-vacuum",
      "--protocol=prepared",
      `--client=${of}`,
      `--jobs=${THREADS}`,
      `--time=${seconds}`,
      ...args,
    );
    const rate = Number(/^tps = ([\d.]+)/m.exec(output)?.[1]);
    const failed = Number(/failed transactions: (\d+)/.exec(output)?.[1] ?? 0);
    if (!(rate > 0) || failed > 0) throw new Error(`pgbench measured nothing: ${output}`);
    return { count: rate * seconds * each, seconds, cpu: {} };
  };

  return {
    initialise: async (scale) => void (await pgbench("--initialize", `--scale=${scale}`, "--quiet")),
    side: (name, script, { each = 1, clients: of = clients } = {}) => {
      const file = join(folder, `${name.replaceAll(/\W+/g, "-")}.sql`);
      const args = script === undefined ? [] : [`--file=${file}`];
      return {
        name,
        unit: "transfers",
        warmUp: async () => {
          if (script !== undefined) await writeFile(file, script);
          await measure(args, { each, of, for: WARM_UP_SECONDS });
        },
        measure: async () => {
          await settle(administrator);
          return measure(args, { each, of, for: seconds });
        },
      };
    },
  };
};

// The server's own version of it, which distributions keep off the path; elsewhere than on Linux the one on the path.
const besideServer = (pid: number): string => {
  try {
    return join(dirname(readlinkSync(`/proc/${pid}/exe`)), "pgbench");
  } catch {
    return "pgbench";
  }
};
