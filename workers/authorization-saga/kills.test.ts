import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import postgres from "postgres";
import { expect, test } from "vitest";
import { streams } from "../../contracts/streams.ts";
import { migrate } from "../../platform/database/migrate.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import { ensureStream } from "../../platform/messaging/provision-streams.ts";
import { inRoot } from "../../stack/root.ts";
import { startProcess } from "../../tests/harness/processes.ts";
import { startNats, startPostgres } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { approve, openLine, standing } from "./saga.fixture.ts";

const PURCHASES = 80;
const logger = pino({ level: "silent" });

test("saga worker, relay and PostgreSQL killed again and again: each purchase is posted, told and announced once", async () => {
  await using stack = new AsyncDisposableStack();
  const [server, nats] = await Promise.all([startPostgres(), startNats()]);
  stack.use(server);
  stack.use(nats);
  const sql = postgres(server.databaseUrl, { max: 4, onnotice: () => {}, backoff: () => 0.05 });
  stack.defer(() => sql.end({ timeout: 1 }));
  await migrate(sql, inRoot("migrations"));
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  stack.defer(() => broker.close());
  for (const name of ["LEDGER", "NOTIFICATIONS", "CREDIT"] as const)
    await ensureStream(broker.jsm, streams[name], 1, logger);
  const env = {
    DATABASE_URL: server.databaseUrl,
    NATS_URL: nats.url,
    RETRY_BASE_MS: "100",
    LOG_LEVEL: "silent",
  };
  const saga = stack.use(
    await startProcess("workers/authorization-saga/main.ts", {
      ...env,
      SAGA_LEASE_SECONDS: "1",
      SAGA_POLL_MS: "20",
    }),
  );
  const relay = stack.use(await startProcess("workers/outbox-relay/main.ts", env));
  const line = await openLine(sql);

  const shopped = new AbortController();
  const kills = (async () => {
    for (let turn = 0; !shopped.signal.aborted; turn++) {
      const victim = [saga, relay, server, saga][turn % 4]!;
      await sleep(150 + Math.random() * 250);
      await victim.kill();
      await victim.restart();
    }
  })();
  const ids: string[] = [];
  while (ids.length < PURCHASES) {
    // One that was lost with its connection is either there as a whole or not at all; both are counted below.
    const id = await approve(sql, line).catch(() => undefined);
    if (id !== undefined) ids.push(id);
    await sleep(30);
  }
  shopped.abort();
  await kills;

  await until(
    async () =>
      (await sql`select from ledger_sagas where state <> 'completed' limit 1`).length === 0 &&
      (await sql`select from outbox limit 1`).length === 0,
    { what: "the end of every saga" },
  );
  const all = (await sql<{ id: string }[]>`select id from ledger_holds order by id`).map(({ id }) => id);
  expect(all).toEqual(expect.arrayContaining(ids));
  for (const id of all)
    expect(await standing(sql, id)).toEqual({
      state: "completed",
      hold: "captured",
      captures: 1,
      told: 1,
      events: [],
    });
  expect(await announced(broker, "LEDGER", "authorization.confirmed")).toEqual(all);
  expect(await announced(broker, "NOTIFICATIONS", "user.notifications")).toEqual(all);
}, 120_000);

// The authorizations that a stream tells of under a subject, in order of their ids, each as often as it is told.
const announced = async (
  { jsm }: Awaited<ReturnType<typeof connectBroker>>,
  stream: string,
  subject: string,
): Promise<string[]> => {
  const { state } = await jsm.streams.info(stream);
  const ids: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
    const message = await jsm.streams.getMessage(stream, { seq });
    if (message?.subject === subject) ids.push(message.json<{ authorizationId: string }>().authorizationId);
  }
  return ids.toSorted();
};
