import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import type { TestProject } from "vitest/node";
import { ensureDatabase } from "../../stack/servers/postgres.ts";
import { startPostgres } from "./servers.ts";
import { sweepAbandoned } from "./temporary-folder.ts";
import { TEMPLATE } from "./template.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The run's PostgreSQL; `freshDatabase()` makes a database in it. */
    postgresUrl: string;
  }
}

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));

/** One PostgreSQL for the whole run, with a migrated template; nothing in it survives the run. */
const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  sweepAbandoned();
  const server = await startPostgres({ durable: false, sharedBuffers: "256MB", maxConnections: 400 });
  await makeTemplate(server.url);
  project.provide("postgresUrl", server.url);
  return async () => {
    await server[Symbol.asyncDispose]();
    sweepAbandoned();
  };
};

export default setup;

const makeTemplate = async (adminUrl: string): Promise<void> => {
  const sql = postgres(await ensureDatabase(adminUrl, TEMPLATE), { max: 2, onnotice: () => {} });
  if (existsSync(MIGRATIONS)) {
    const { migrate } = await import("../../platform/database/migrate.ts");
    await migrate(sql, MIGRATIONS);
    // What `npm run mutate` puts in a function's place.
    if (process.env["MUTANT_SQL"]) await sql.unsafe(process.env["MUTANT_SQL"]);
  }
  await sql.end();
};
