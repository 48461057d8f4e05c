import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { inject } from "vitest";
import { OWNER, urlOf } from "../../stack/servers/postgres.ts";
import { TEMPLATE } from "./template.ts";

export type FreshDatabase = AsyncDisposable & {
  readonly url: string;
  /** A pool on it; ends with it. */
  readonly sql: postgres.Sql;
};

/** A migrated database of one's own, cloned from the run's template; dropped when it is disposed. */
export const freshDatabase = async (options: { max?: number } = {}): Promise<FreshDatabase> => {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const adminUrl = inject("postgresUrl");
  await asAdmin(adminUrl, `create database ${name} template ${TEMPLATE} owner ${OWNER}`);
  const owned = new URL(urlOf(adminUrl, name));
  owned.username = OWNER;
  const url = owned.href;
  const sql = postgres(url, { max: options.max ?? 10, onnotice: () => {} });
  return {
    url,
    sql,
    [Symbol.asyncDispose]: async () => {
      await sql.end({ timeout: 1 });
      await asAdmin(adminUrl, `drop database if exists ${name} with (force)`);
    },
  };
};

const asAdmin = async (url: string, statement: string): Promise<void> => {
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end({ timeout: 1 });
  }
};
