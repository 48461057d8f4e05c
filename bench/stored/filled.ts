import { storeHistory } from "../analysis/history.ts";
import type { Context } from "../bench.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Lent } from "../system/lender.ts";
import { openDatabase } from "../system/connections.ts";
import { migrate } from "../system/migrate.ts";

/** A database server that holds so many events. */
export type Filled = {
  readonly events: number;
  /** The number in words. */
  readonly label: string;
  readonly postgres: Lent;
  readonly sql: Sql;
  /** Some of those whose events they are. */
  readonly people: readonly string[];
};

const ASKED = 20;

/** Starts a PostgreSQL of its own and stores so many events in it. */
export const fill = async ({ lender, say }: Context, events: number, nats: Lent): Promise<Filled> => {
  const postgres = await lender.postgres(`postgres-${events}`);
  await migrate(postgres, nats);
  const sql = openDatabase(postgres.url, 2);
  const label = `${events.toLocaleString("en")} events`;
  const begin = performance.now();
  const people = await storeHistory(sql, events, ASKED);
  say(`  ${label} stored in ${((performance.now() - begin) / 1_000).toFixed(1)} s`);
  return { events, label, postgres, sql, people };
};
