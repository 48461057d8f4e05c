import { randomUUID } from "node:crypto";
import { headers } from "@nats-io/nats-core";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startDeadLetterDesk, transactionOf } from "../../tests/harness/dead-letters.ts";
import type { DeadLetterDesk } from "../../tests/harness/dead-letters.ts";
import { until } from "../../tests/harness/until.ts";
import { createLetterMetrics, measureDepth } from "./metrics.ts";

let desk: DeadLetterDesk;
beforeAll(async () => {
  desk = await startDeadLetterDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

const publish = (body: string | Buffer) => desk.broker.js.publish("transactions.topic", body);

const letterOf = (userId: string) =>
  until(async () => (await desk.sql`select * from dead_letters where user_id = ${userId} order by id`)[0], {
    what: "the letter",
  });

/** Until no transaction is on its way any more: two batches of the worker go on side by side, and end in any order. */
const untilIdle = () =>
  until(
    async () => {
      const info = await desk.broker.jsm.consumers.info("TRANSACTIONS", "transaction-processing");
      return info.num_pending + info.num_ack_pending === 0;
    },
    { what: "every transaction worked off" },
  );

const countLetters = async (): Promise<number> =>
  (await desk.sql<{ n: number }[]>`select count(*)::int as n from dead_letters`)[0]!.n;

const rowsOf = async (userId: string): Promise<number> =>
  (await desk.sql<{ n: number }[]>`select count(*)::int as n from transactions where user_id = ${userId}`)[0]!
    .n;

test("a poison among good events is stored with its bytes and its story, and its neighbours are persisted", async () => {
  const [good, poison] = [transactionOf(), transactionOf({ amount: "12,5" })];
  const bytes = JSON.stringify(poison);
  const sent = headers();
  sent.set("traceparent", "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  await desk.broker.js.publish("transactions.topic", `${JSON.stringify(good)}\n${bytes}`, { headers: sent });
  const letter = await letterOf(poison.userId);
  expect(letter).toMatchObject({
    status: "open",
    stream: "TRANSACTIONS",
    consumer: "transaction-processing",
    subject: "transactions.topic",
    line: 1,
    error_class: "InvalidEvent",
    attempts: 1,
    event_id: poison.eventId,
    edited_payload: null,
    headers: { traceparent: ["00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"] },
  });
  expect(letter["error_message"]).toMatch(/^\/amount must be a decimal text/);
  expect((letter["payload"] as Buffer).toString()).toBe(bytes);
  await until(async () => (await rowsOf(good.userId)) === 1);
});

test("poison → stored → edited → replayed is persisted exactly once, though it is replayed twice", async () => {
  const poison = transactionOf({ amount: -3 });
  await publish(JSON.stringify(poison));
  const { id } = await letterOf(poison.userId);
  const refused = await desk.send("POST", `/v1/dead-letters/${id}/replay`);
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: "/amount" }] } });

  const event = { ...poison, amount: "3" };
  expect(
    await desk.send("PUT", `/v1/dead-letters/${id}/payload`, { body: { payload: event } }),
  ).toMatchObject({
    status: 200,
  });
  const answers = await Promise.all([1, 2].map(() => desk.send("POST", `/v1/dead-letters/${id}/replay`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(new Set(answers.map(({ body }) => body.outcome))).toEqual(new Set(["replayed", "already_replayed"]));

  // As after a crash between publishing and committing: open again, and the same message is published once more.
  await desk.sql`update dead_letters set status = 'open', settled_at = null where id = ${id}`;
  expect((await desk.send("POST", `/v1/dead-letters/${id}/replay`)).body.outcome).toBe("replayed");
  // And once more after the broker has forgotten the message id: the event's identity has the last word.
  await publish(JSON.stringify(event));

  await untilIdle();
  expect(await rowsOf(poison.userId)).toBe(1);
  const [summary] = await desk.sql`
    select transaction_count::int as n, amount_sum::float8 as sum from transactions_summary where user_id = ${poison.userId}`;
  expect(summary).toEqual({ n: 1, sum: 3 });
  expect((await desk.send("GET", `/v1/dead-letters/${id}/dry-run`)).body).toMatchObject({
    wouldPublish: false,
    alreadyStored: true,
  });
});

test("a letter that is delivered again is stored once", async () => {
  const userId = randomUUID();
  const sent = headers();
  sent.set("Dead-Letter-Stream", "TRANSACTIONS");
  const bury = () =>
    desk.broker.js.publish("dead-letters.TRANSACTIONS", JSON.stringify({ userId }), {
      msgID: `dead:test:${userId}`,
      headers: sent,
    });
  const before = await countLetters();
  await bury();
  await letterOf(userId);
  await desk.broker.jsm.consumers.delete("DEAD_LETTERS", "dead-letter");
  // Made again, the consumer begins at the beginning.
  const again = randomUUID();
  await until(() => desk.broker.jsm.consumers.info("DEAD_LETTERS", "dead-letter"));
  await desk.broker.js.publish("dead-letters.TRANSACTIONS", JSON.stringify({ userId: again }));
  await letterOf(again);
  expect(await countLetters()).toBe(before + 2);
});

test("a letter without headers, and one whose bytes are no text, are stored as they are", async () => {
  const binary = Buffer.from([0, 255, 10, 0, 123]);
  const before = await countLetters();
  desk.broker.nc.publish("dead-letters.ELSEWHERE", binary);
  desk.broker.nc.publish("dead-letters.ELSEWHERE", '{"userId":"\\u0000","eventId":"a\\u0000b"}');
  await until(async () => (await countLetters()) === before + 2);
  const rows = await desk.sql`
    select id, payload, user_id, event_id, error_class from dead_letters where stream = 'unknown' and payload like '%\\000%'::bytea`;
  expect(rows).toEqual([expect.objectContaining({ user_id: null, event_id: null, error_class: "Unknown" })]);
  expect((rows[0]!["payload"] as Buffer).equals(binary)).toBe(true);
  const { body } = await desk.send("GET", `/v1/dead-letters/${rows[0]!["id"] as string}`);
  expect(body.payload).toEqual({ format: "base64", content: binary.toString("base64"), bytes: 5 });
});

test("a letter whose times are none that the database knows is stored with the time at which it came", async () => {
  for (const time of ["+275760-09-13T00:00:00.000Z", "0000-01-01T00:00:00.000Z", "yesterday"]) {
    const userId = randomUUID();
    const sent = headers();
    sent.set("Dead-Letter-First-Failure", time);
    sent.set("Dead-Letter-Last-Failure", time);
    await desk.broker.js.publish("dead-letters.TRANSACTIONS", JSON.stringify({ userId }), { headers: sent });
    const letter = await letterOf(userId);
    expect(letter["first_failed_at"]).toEqual(letter["last_failed_at"]);
    expect(Date.now() - (letter["last_failed_at"] as Date).getTime()).toBeLessThan(60_000);
  }
});

test("what fails again after a replay is another letter that knows the first", async () => {
  const userId = randomUUID();
  const sent = headers();
  sent.set("Dead-Letter-Id", "01a1fdb7-6683-7f03-8fa0-da5546a906a8");
  await desk.broker.js.publish("transactions.topic", JSON.stringify({ userId }), { headers: sent });
  expect(await letterOf(userId)).toMatchObject({ replay_of: "01a1fdb7-6683-7f03-8fa0-da5546a906a8" });
});

test("while the database cannot store letters they wait in the stream, and none is buried again", async () => {
  const userId = randomUUID();
  const inStream = async () => (await desk.broker.jsm.streams.info("DEAD_LETTERS")).state.messages;
  await desk.sql`alter table dead_letters add constraint nothing_fits check (false) not valid`;
  const before = await inStream();
  await desk.broker.js.publish("dead-letters.TRANSACTIONS", JSON.stringify({ userId }));
  await until(async () => /outcome="dead"\} [1-9]/.test(await desk.metrics.metrics()));
  expect(await inStream()).toBe(before + 1);
  expect((await desk.broker.jsm.consumers.info("DEAD_LETTERS", "dead-letter")).num_ack_pending).toBe(1);
  await desk.sql`alter table dead_letters drop constraint nothing_fits`;
});

test("depth and oldest age are measured by stream and error class, and fall to nothing", async () => {
  const registry = new Registry();
  const measures = createLetterMetrics(registry);
  await measureDepth(desk.sql, measures);
  const text = await registry.metrics();
  expect(text).toMatch(/dead_letters_open\{stream="TRANSACTIONS",error_class="InvalidEvent"\} [1-9]/);
  expect(text).toMatch(
    /dead_letters_oldest_age_seconds\{stream="TRANSACTIONS",error_class="InvalidEvent"\} \d/,
  );
  await desk.sql`update dead_letters set status = 'discarded', settled_at = now() where status = 'open'`;
  await measureDepth(desk.sql, measures);
  expect(await registry.metrics()).not.toContain("dead_letters_open{");
});
