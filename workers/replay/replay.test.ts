import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { OfferApproved } from "../../contracts/events/credit-events.ts";
import { streams } from "../../contracts/streams.ts";
import { subjects } from "../../contracts/subjects.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import { ensureStream } from "../../platform/messaging/provision-streams.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { offerOfFreshUser } from "../credit-application/accepted-offer.fixture.ts";
import { parseOptions } from "./options.ts";
import { runReplay } from "./run.ts";

const logger = pino({ level: "silent" });
const MIB = 1_024 * 1_024;
const never = new AbortController().signal;

const setUp = async () => {
  const [nats, database] = await Promise.all([startNats(), freshDatabase()]);
  const broker = await connectBroker({ url: nats.url, name: "test" }, logger);
  for (const name of ["TRANSACTIONS", "CREDIT"] as const)
    await ensureStream(broker.jsm, { ...streams[name], maxBytes: 64 * MIB }, 1, logger);
  const replay = async (args: string, signal = never) => {
    const said: string[] = [];
    const options = parseOptions(args.split(" "), new Date())!;
    const surroundings = { NATS_URL: nats.url, DATABASE_URL: database.url, signal };
    const code = await runReplay(options, { ...surroundings, say: (line) => void said.push(line) });
    return { code, said: said.join("\n") };
  };
  const tables = async () => ({
    rows: await database.sql`select user_id, event_id, amount, occurred_at from transactions order by 1, 2`,
    days: await database.sql`
      select user_id, day, currency, transaction_count, amount_sum from transactions_summary order by 1, 2, 3`,
    identities: await database.sql`select id from transaction_identities order by 1`,
  });
  const dispose = async (): Promise<void> => {
    await broker.close();
    await nats[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  };
  return { broker, sql: database.sql, replay, tables, [Symbol.asyncDispose]: dispose };
};

const user = randomUUID();
const lineOf = (n: number): string =>
  JSON.stringify({
    userId: user,
    eventId: `order-${n}`,
    amount: `${n + 1}.25`,
    currency: "USD",
    occurredAt: new Date(Date.now() - n * 3_600_000).toISOString(),
    receivedAt: new Date().toISOString(),
  });

const publishLines = async ({ broker }: Awaited<ReturnType<typeof setUp>>, lines: string[]) => {
  for (let at = 0; at < lines.length; at += 7)
    await broker.js.publish(subjects.transactions, lines.slice(at, at + 7).join("\n"));
};

test("what is missing is stored, what is there stays as it is, and nothing is published", async () => {
  await using env = await setUp();
  await publishLines(env, [...Array.from({ length: 60 }, (_, n) => lineOf(n)), '{"poison":', lineOf(3)]);
  const before = (await env.broker.jsm.streams.info("TRANSACTIONS")).state;

  const dry = await env.replay("--stream TRANSACTIONS --from 2020-01-01 --dry-run");
  expect(dry.said).toMatch(
    /messages +9\n.*events +62\n.*already stored +1\n.*would be newly stored +60\n.*refused +1 /,
  );
  expect((await env.tables()).rows).toEqual([]);

  const first = await env.replay("--stream TRANSACTIONS --from 2020-01-01");
  expect(first).toMatchObject({ code: 0 });
  expect(first.said).toMatch(/newly stored +60\n.*refused +1 +\(SyntaxError 1;/);
  const stored = await env.tables();
  expect(stored.rows).toHaveLength(60);

  const again = await env.replay("--stream transactions --from 2020-01-01T00:00Z");
  expect(again.said).toMatch(/already stored +61\n.*newly stored +0\n/);
  expect(await env.tables()).toEqual(stored);
  expect((await env.broker.jsm.streams.info("TRANSACTIONS")).state).toMatchObject({
    messages: before.messages,
    last_seq: before.last_seq,
  });
});

test("an acceptance that was lost is made good, and one that took effect is left alone", async () => {
  await using env = await setUp();
  const [waiting, active] = [
    await offerOfFreshUser(env.sql),
    await offerOfFreshUser(env.sql, { status: "active" }),
  ];
  for (const { userId, offerId } of [waiting, active]) {
    const event: OfferApproved = {
      offerId,
      userId,
      creditLimit: "7812.50",
      interestRate: "8.28",
      creditType: "SHORT_TERM_PERSONAL_LOAN",
      acceptedAt: new Date().toISOString(),
    };
    await env.broker.js.publish(subjects.offersApproved, JSON.stringify(event));
  }
  const announced = async (): Promise<number> => (await env.sql`select 1 from outbox`).length;
  expect((await env.replay("--stream CREDIT --from 2020-01-01 --dry-run")).said).toMatch(
    /would be newly stored +1\n/,
  );
  expect(await announced()).toBe(0);
  expect((await env.replay("--stream CREDIT --from 2020-01-01")).said).toMatch(/newly stored +1\n/);
  expect(await announced()).toBe(2);
  expect((await env.replay("--stream CREDIT --from 2020-01-01")).said).toMatch(/newly stored +0\n/);
  expect(await announced()).toBe(2);
  const statuses = await env.sql`select distinct status from credit_limits`;
  expect(statuses).toEqual([{ status: "active" }]);
});

test("the rate is kept, and an end says where to go on", async () => {
  await using env = await setUp();
  await publishLines(
    env,
    Array.from({ length: 2_100 }, (_, n) => lineOf(n % 900)),
  );
  const ended = new AbortController();
  // After a hundred messages of seven events the next ones are due in 14 s.
  const replaying = env.replay("--stream TRANSACTIONS --from 2020-01-01 --rate 50", ended.signal);
  await until(async () => (await env.tables()).rows.length === 700);
  ended.abort();
  const { code, said } = await replaying;
  expect(code).toBe(130);
  expect(said).toMatch(/events +700\n/);
  const goOn = /Go on with --from (\S+)/.exec(said)![1]!;
  const rest = await env.replay(`--stream TRANSACTIONS --from ${goOn} --rate 1000000`);
  expect(rest.code).toBe(0);
  expect((await env.tables()).rows).toHaveLength(900);
});

test("a stream that is not there, and a range without events, are named", async () => {
  await using env = await setUp();
  await expect(env.replay("--stream EMOTIONS --from 2020-01-01")).rejects.toThrow("no stream EMOTIONS");
  await expect(env.replay("--stream CREDIT --from 2020-01-01")).rejects.toThrow(
    "CREDIT holds nothing stored since 2020-01-01T00:00:00.000Z; it is empty",
  );
});

test.each([
  ["--from 2026-11-01", /--stream must be one of EMOTIONS, TRANSACTIONS, CREDIT$/],
  ["--stream DEAD_LETTERS --from 2026-11-01", /--stream must be one of .*, not "DEAD_LETTERS"/],
  ["--stream CREDIT", /--from must be an ISO 8601 time/],
  ["--stream CREDIT --from yesterday", /--from must be .*, not "yesterday"/],
  ["--stream CREDIT --from 2026-13-01", /--from must be/],
  ["--stream CREDIT --from 2099-01-01", /--from must not lie in the future/],
  ["--stream CREDIT --from 2026-11-02 --to 2026-11-01", /--to must be later than --from/],
  ["--stream CREDIT --from 2026-11-01 --rate 0", /--rate must be a whole number from 1/],
  ["--stream CREDIT --from 2026-11-01 --speed 3", /--speed/],
])("the options %s are refused, and it is said why", (args, message) => {
  expect(() => parseOptions(args.split(" "), new Date("2026-11-21T00:00Z"))).toThrow(message);
});

test("times without an offset are UTC", () => {
  const options = (from: string) =>
    parseOptions(["--stream", "CREDIT", "--from", from], new Date("2026-11-21T00:00Z"));
  expect(options("2026-11-01T08:30")?.from.toISOString()).toBe("2026-11-01T08:30:00.000Z");
  expect(options("2026-11-01T08:30:00+02:00")?.from.toISOString()).toBe("2026-11-01T06:30:00.000Z");
  expect(options("2026-11-01")?.from.toISOString()).toBe("2026-11-01T00:00:00.000Z");
});
