import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { migrate } from "../../platform/database/migrate.ts";
import { ensureDatabase } from "../../stack/servers/postgres.ts";
import { startPostgres } from "../harness/servers.ts";
import { sweepAbandoned } from "../harness/temporary-folder.ts";
import { copyFunctions } from "./copy-functions.ts";

const MIGRATIONS = fileURLToPath(new URL("../../migrations", import.meta.url));
const FOLDER = new URL("../../ledger-service/sql/functions/", import.meta.url);

sweepAbandoned();
await using server = await startPostgres({ durable: false });
const sql = postgres(await ensureDatabase(server.url, "functions"), { max: 2, onnotice: () => {} });
await migrate(sql, MIGRATIONS);
const copies = await copyFunctions(sql);
await sql.end();

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);
for (const [name, text] of copies) writeFileSync(new URL(`${name}.sql`, FOLDER), text);
console.log(`wrote ${copies.size} functions to ${fileURLToPath(FOLDER)}`);
