import { connect } from "@nats-io/transport-node";
import { Redis } from "ioredis";
import postgres from "postgres";
import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { startNats, startPostgres, startRedis } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";

test("a killed PostgreSQL comes back on the same port with its committed rows", async () => {
  await using server = await startPostgres();
  const before = postgres(server.databaseUrl, { max: 1 });
  await before`create table kept (id int primary key)`;
  await before`insert into kept values (1)`;
  const { pid } = server;
  await server.kill();
  await before.end({ timeout: 1 });
  await server.restart();
  expect(server.pid).not.toBe(pid);
  const after = postgres(server.databaseUrl, { max: 1 });
  expect(await after`select id from kept`).toEqual([{ id: 1 }]);
  await after.end();
});

test("PostgreSQL has locks enough for a thousand keys and references on each connection of two replicas", async () => {
  await using database = await freshDatabase();
  const [row] = await database.sql`select current_setting('max_locks_per_transaction')::int as each`;
  // A server of `npm start` has two hundred connections, over which it divides them; a replica uses ten.
  expect(200 * Number(row!["each"])).toBeGreaterThan(20 * 2 * 1_000);
});

test("a fresh database is migrated and nobody else's", async () => {
  await using one = await freshDatabase();
  await using two = await freshDatabase();
  await one.sql`create table mine (id int)`;
  const tables = two.sql`select table_name from information_schema.tables where table_name in ('mine', 'schema_migrations')`;
  expect((await tables).map((row) => row["table_name"] as string)).toEqual(["schema_migrations"]);
});

test("NATS answers with JetStream on, and refuses a client without its token", async () => {
  await using server = await startNats({ token: "a-token" });
  const at = `127.0.0.1:${server.port}`;
  const connection = await connect({ servers: at, token: "a-token" });
  expect(connection.info?.jetstream).toBe(true);
  await connection.close();
  await expect(connect({ servers: at, reconnect: false })).rejects.toThrow(/authorization/i);
});

test("Redis asks for its password and goes with its handle", async () => {
  const server = await startRedis({ password: "secret" });
  const client = new Redis(server.url, { lazyConnect: true });
  await client.connect();
  expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "allkeys-lru"]);
  client.disconnect();
  await server[Symbol.asyncDispose]();
  await until(() => !server.running);
  expect(() => process.kill(server.pid, 0)).toThrow(/ESRCH/);
});
