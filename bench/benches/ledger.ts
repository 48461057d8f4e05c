import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { CLIENTS } from "../ledger/clients.ts";
import { measureHttp } from "../ledger/measure-http.ts";
import { measureSql } from "../ledger/measure-sql.ts";
import { openPgbench } from "../ledger/pgbench.ts";
import { accounts, PARTS, WALLETS } from "../ledger/scripts.ts";
import { openDatabase } from "../system/connections.ts";
import { openServers } from "../system/servers.ts";

const SCALE = 50;

export const ledger: Bench = {
  name: "ledger",
  title: "Money: posting, holds and bulk against pgbench's TPC-B on the same server",
  run: async (context) => {
    const servers = await openServers(context.lender);
    const { postgres } = servers;
    const folder = await mkdtemp(join(tmpdir(), "ecs-pgbench-"));
    const sql = openDatabase(postgres.url, 1);
    const administrator = openDatabase(postgres.administratorUrl, 1);
    try {
      const seconds = context.plan.pgbenchSeconds;
      const pgbench = openPgbench({ postgres, administrator, folder, clients: CLIENTS, seconds });
      await pgbench.initialise(SCALE);
      await sql.unsafe(accounts);
      await sql.unsafe("analyze");
      const inSql = await measureSql(context, { postgres, administrator, pgbench });
      const overHttp = await measureHttp(context, servers, pgbench, sql);
      return {
        sides: [...inSql.sides, ...overHttp.sides],
        findings: [...inSql.findings, ...overHttp.findings],
        notes: NOTES,
      };
    } finally {
      await Promise.all([sql, administrator].map((connection) => connection.end({ timeout: 5 })));
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const NOTES = [
  `pgbench's TPC-B (-s ${SCALE} -M prepared) and everything else run on the same server with \`npm start\`'s settings, fsync on, ${CLIENTS} clients, callers or connections each unless told otherwise, in turn, each round in SQL with all tables vacuumed and after a checkpoint. TPC-B is seven round trips and one row of history; a posting is one call that writes a transfer with its two entries, the answer under its key and an event. A hold has the velocity rule and the limits that the service starts with; the hot account has ${PARTS} parts.`,
  `"Gathered" are ${CLIENTS} callers in one process, each with one operation under way, by the service's own group commit and without HTTP: one connection, on which the next batch is sent while one is under way, an outcome for each. "A commit each" is one call of the same functions from each of pgbench's sessions, which the service does when nobody else is there; on few cores it is nearly all PostgreSQL's setting up of statements, in caches that so many sessions push each other out of. With one client nobody waits for anybody: round trips and flushes are what is compared.`,
  `What is measured in SQL has no service beside it, since TPC-B has nothing like the hash chain, which the service makes after the fact; what is measured over HTTP is linked meanwhile, at its own expense, and has rounds of TPC-B of its own.`,
  `${WALLETS.toLocaleString("en")} accounts unless told otherwise. One replica of ledger-service, without nginx and gateway where it says "at the service"; one connection for transfers. pgbench, the load generator, the service and the server share the machine's cores.`,
];
