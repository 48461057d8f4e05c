import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { expect, test } from "vitest";
import { offerApproved } from "../../contracts/events/credit-events.ts";
import { streams } from "../../contracts/streams.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import { ensureStream } from "../../platform/messaging/provision-streams.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { offerOfFreshUser } from "../credit-application/accepted-offer.fixture.ts";
import { relayOutbox } from "./relay-outbox.ts";
import { announceAgain } from "./sql/announce-again.ts";

const logger = pino({ level: "silent" });

const setUp = async () => {
  const [database, server] = await Promise.all([freshDatabase(), startNats()]);
  const broker = await connectBroker({ url: server.url, name: "test" }, logger);
  await ensureStream(broker.jsm, streams.CREDIT, 1, logger);
  const relay = () => relayOutbox({ sql: database.sql, broker, logger, published: { inc: () => {} } });
  const write = async (subject: string, from: number, to: number): Promise<void> => {
    for (let n = from; n < to; n++)
      await database.sql`
        insert into outbox (subject, message_id, payload) values (${subject}, ${`${subject}:${n}`}, ${database.sql.json({ n })})`;
  };
  const waiting = async (): Promise<number> => {
    const [row] = await database.sql<{ n: number }[]>`select count(*)::int as n from outbox`;
    return row!.n;
  };
  const stored = async (): Promise<number[]> => {
    const { state } = await broker.jsm.streams.info("CREDIT");
    const all = await Promise.all(
      Array.from({ length: state.messages }, (_, i) =>
        broker.jsm.streams.getMessage("CREDIT", { seq: state.first_seq + i }),
      ),
    );
    return all.map((message) => message!.json<{ n: number }>().n);
  };
  const dispose = async (): Promise<void> => {
    await broker.close();
    await Promise.all([database[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
  };
  return { sql: database.sql, server, broker, relay, write, waiting, stored, [Symbol.asyncDispose]: dispose };
};

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

test("rows leave in order, each once, with two relays at work", async () => {
  await using env = await setUp();
  await env.write("credit.a", 0, 450);
  while ((await env.waiting()) > 0) await Promise.all([env.relay(), env.relay()]);
  expect(await env.stored()).toEqual(numbers(450));
});

test("a crash between publish and commit publishes again, and the stream still holds each row once", async () => {
  await using env = await setUp();
  await env.write("credit.a", 0, 5);
  await env.sql`create table kept as select * from outbox`;
  await env.relay();
  await env.sql`insert into outbox overriding system value select * from kept`;
  await env.relay();
  expect(await env.waiting()).toBe(0);
  expect(await env.stored()).toEqual(numbers(5));
});

test("a row of a transaction that has not committed is not lost behind later ones", async () => {
  await using env = await setUp();
  await env.sql.begin(async (tx) => {
    await tx`insert into outbox (subject, message_id, payload) values ('credit.a', 'early', '{"n":0}')`;
    await env.write("credit.a", 1, 3);
    await env.relay();
    expect(await env.stored()).toEqual([1, 2]);
  });
  await env.relay();
  expect(await env.stored()).toEqual([1, 2, 0]);
});

test("a subject that no stream takes waits alone", async () => {
  await using env = await setUp();
  await env.write("nobody.listens", 0, 2);
  await env.write("credit.a", 0, 3);
  await env.relay();
  expect(await env.stored()).toEqual([0, 1, 2]);
  expect(await env.waiting()).toBe(2);
});

test("with the broker gone nothing is deleted, and everything leaves when it is back", async () => {
  await using env = await setUp();
  await env.write("credit.a", 0, 3);
  await env.server.kill();
  await until(() => !env.broker.connected());
  await env.relay();
  expect(await env.waiting()).toBe(3);
  await env.server.restart();
  await until(async () => {
    await env.relay();
    return (await env.waiting()) === 0;
  });
  expect(await env.stored()).toEqual([0, 1, 2]);
});

test("an acceptance without activation is announced again under a new id, others are left alone", async () => {
  await using env = await setUp();
  const stuck = await offerOfFreshUser(env.sql, { announcedAt: -300 });
  await offerOfFreshUser(env.sql, { announcedAt: -10 });
  await offerOfFreshUser(env.sql, { status: "active", announcedAt: -300 });
  expect(await announceAgain(env.sql, 120_000, 100)).toEqual([stuck.offerId]);
  expect(await announceAgain(env.sql, 120_000, 100)).toEqual([]);
  const [row] = await env.sql`select subject, message_id, payload from outbox`;
  expect(row!["subject"]).toBe("credit.offers.approved");
  expect(row!["message_id"]).toMatch(new RegExp(`^offer-approved:${stuck.offerId}:\\d+$`));
  expect(offerApproved.parse(row!["payload"])).toMatchObject({ ...stuck, creditLimit: "7812.50" });
});

test("a broker that answers slowly never keeps a pass from committing what it has published", async () => {
  await using env = await setUp();
  await env.write("credit.a", 0, 10);
  const js = {
    ...env.broker.js,
    publish: async (...args: Parameters<typeof env.broker.js.publish>) => {
      await sleep(40);
      return env.broker.js.publish(...args);
    },
  };
  const pass = () =>
    relayOutbox({
      sql: env.sql,
      broker: { js, connected: () => true },
      logger,
      published: { inc: () => {} },
      passMs: 100,
    });
  expect(await pass()).toBe(true);
  expect(await env.waiting()).toBeGreaterThan(0);
  expect(await env.waiting()).toBeLessThan(10);
  while (await pass());
  expect(await env.waiting()).toBe(0);
  expect(await env.stored()).toEqual(numbers(10));
});

test("what the relay publishes twice, a long outage in between, is stored once", () => {
  for (const { duplicateWindowMs } of [streams.CREDIT, streams.NOTIFICATIONS])
    expect(duplicateWindowMs).toBeGreaterThanOrEqual(24 * 60 * 60 * 1_000);
});
