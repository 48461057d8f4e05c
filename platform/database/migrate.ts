import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "postgres";

type Migration = { name: string; text: string; checksum: string };

// Any fixed number; it only has to be the same in every process.
const MIGRATION_LOCK = 7_140_231;

/**
 * Runs the migrations that this database has not seen, in the order of their numbers, each in a transaction
 * of its own. Processes that start together wait for one another. Throws when a migration that has already
 * run was edited since, or is missing. Returns the names of those that ran now.
 */
export const migrate = async (sql: Sql, folder: string): Promise<string[]> => {
  const migrations = await readMigrations(folder);
  const connection = await sql.reserve();
  try {
    await connection`select pg_advisory_lock(${MIGRATION_LOCK})`;
    try {
      return await runPending(connection, migrations);
    } finally {
      await connection`select pg_advisory_unlock(${MIGRATION_LOCK})`;
    }
  } finally {
    connection.release();
  }
};

const runPending = async (sql: Sql, migrations: Migration[]): Promise<string[]> => {
  await sql`set client_min_messages = warning`;
  await sql`
    create table if not exists schema_migrations (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    )`;
  const applied = await sql<
    { name: string; checksum: string }[]
  >`select name, checksum from schema_migrations`;
  refuseDrift(applied, migrations);

  const seen = new Set(applied.map((row) => row.name));
  const pending = migrations.filter((migration) => !seen.has(migration.name));
  for (const { name, text, checksum } of pending) {
    await sql
      .unsafe(
        `begin;\n${text}\n;insert into schema_migrations (name, checksum) values ('${name}', '${checksum}');commit;`,
      )
      .catch(async (error: Error) => {
        await sql`rollback`;
        throw new Error(`migration ${name} failed: ${error.message}`, { cause: error });
      });
  }
  return pending.map((migration) => migration.name);
};

const refuseDrift = (applied: { name: string; checksum: string }[], migrations: Migration[]): void => {
  const known = new Map(migrations.map((migration) => [migration.name, migration.checksum]));
  for (const { name, checksum } of applied) {
    if (!known.has(name))
      throw new Error(
        `the database has run ${name}, which this version does not know: a newer version was here`,
      );
    if (known.get(name) !== checksum)
      throw new Error(`${name} was edited after it had run: write a new migration instead`);
  }
};

const readMigrations = async (folder: string): Promise<Migration[]> => {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8");
      return { name, text, checksum: createHash("sha256").update(text).digest("hex") };
    }),
  );
};
