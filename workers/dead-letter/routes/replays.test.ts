import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { putLetter, startDeadLetterDesk, transactionOf } from "../../../tests/harness/dead-letters.ts";
import type { DeadLetterDesk } from "../../../tests/harness/dead-letters.ts";
import { pastTimeOf } from "../../../tests/harness/past-time-of.ts";
import { until } from "../../../tests/harness/until.ts";

let desk: DeadLetterDesk;
beforeAll(async () => {
  desk = await startDeadLetterDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

const LETTER = "/v1/dead-letters";
const idsOf = (answer: { body: { items: { id: string }[] } }): string[] =>
  answer.body.items.map(({ id }) => id);

describe("replay by filter", () => {
  const start = (filter: unknown, more: Record<string, unknown> = {}) =>
    desk.send("POST", "/v1/dead-letter-replays", { body: { filter, ...more } });
  const progress = async (id: string) => (await desk.send("GET", `/v1/dead-letter-replays/${id}`)).body;
  const finished = (id: string) =>
    until(
      async () => {
        const shown = await progress(id);
        return shown.status === "finished" && shown;
      },
      { what: "the end of the replay" },
    );

  const letters = async (count: number, userId: string, payload: () => unknown = () => transactionOf()) => {
    const ids: string[] = [];
    for (let n = 0; n < count; n++) ids.push(await putLetter(desk.sql, { userId, payload: payload() }));
    return ids;
  };

  test("publishes what matches and is open, passes over what would fail again, and says how it went", async () => {
    const userId = randomUUID();
    const ids = await letters(3, userId);
    await letters(2, userId, () => transactionOf({ amount: "much" }));
    await letters(1, randomUUID());
    await desk.send("POST", `${LETTER}/${ids[0]!}/discard`, { body: { reason: "not this one" } });
    const started = await start({ userId }, { ratePerSecond: 200, reason: "all of them" });
    expect(started).toMatchObject({
      status: 202,
      body: { filter: { userId }, total: 4, ratePerSecond: 200 },
    });
    expect(await finished(started.body.id)).toMatchObject({
      replayed: 2,
      refused: 2,
      skipped: 0,
      remaining: 0,
    });
    expect((await desk.send("GET", `${LETTER}/${ids[1]!}`)).body).toMatchObject({
      status: "replayed",
      actions: [{ action: "replay", reason: "all of them", replayId: started.body.id }],
    });
    expect(idsOf(await desk.send("GET", `${LETTER}?userId=${userId}&status=open`))).toHaveLength(2);
  });

  test("passes over what no stream takes, which would hold up all that stand behind it", async () => {
    const userId = randomUUID();
    const event = { payload: transactionOf(), userId };
    const lost = await putLetter(desk.sql, { ...event, subject: "a.subject.of.nobody" });
    await letters(1, userId);
    const { body } = await start({ userId });
    expect(await finished(body.id)).toMatchObject({ replayed: 1, refused: 1 });
    expect((await desk.send("GET", `${LETTER}/${lost}`)).body).toMatchObject({ status: "open" });
  });

  test("is found again in the list, newest first, a page at a time, also by its state", async () => {
    const [slow, quick] = [randomUUID(), randomUUID()];
    // It runs as long as its letters are open.
    await letters(60, slow);
    await letters(2, quick);
    const ids: string[] = [];
    for (const [userId, ratePerSecond] of [
      [slow, 1],
      [quick, 200],
      [quick, 200],
    ] as const) {
      ids.unshift((await start({ userId }, { ratePerSecond })).body.id);
      await pastTimeOf(ids[0]!);
    }
    await desk.send("POST", `/v1/dead-letter-replays/${ids[2]!}/cancel`);
    const list = async (query: string) => (await desk.send("GET", `/v1/dead-letter-replays?${query}`)).body;
    const first = await list("limit=2");
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
    const second = await list(`limit=1&cursor=${first.nextCursor}`);
    expect(second.items).toEqual([await progress(ids[2]!)]);
    expect(idsOf({ body: await list("status=cancelled") })).toContain(ids[2]);
    expect(idsOf({ body: await list("status=running") })).not.toContain(ids[2]);
    expect((await desk.send("GET", "/v1/dead-letter-replays?status=lost")).status).toBe(400);
  });

  test("keeps to its rate and its limit, the oldest first", async () => {
    const userId = randomUUID();
    await letters(8, userId);
    const since = performance.now();
    const { body } = await start({ userId }, { ratePerSecond: 5, limit: 6 });
    expect(await finished(body.id)).toMatchObject({ total: 6, replayed: 6 });
    expect(performance.now() - since).toBeGreaterThan(900);
    expect(idsOf(await desk.send("GET", `${LETTER}?userId=${userId}&status=open`))).toHaveLength(2);
  });

  test("goes on after a restart where it was, and ends when it is cancelled", async () => {
    const userId = randomUUID();
    await letters(200, userId);
    const { body } = await start({ userId }, { ratePerSecond: 10 });
    await until(async () => (await progress(body.id)).replayed > 2);
    await desk.restartReplays();
    const { replayed } = await progress(body.id);
    await until(async () => (await progress(body.id)).replayed > replayed);
    const cancelled = await desk.send("POST", `/v1/dead-letter-replays/${body.id}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { status: "cancelled" } });
    const settled =
      await desk.sql`select id from dead_letters where user_id = ${userId} and status = 'replayed'`;
    expect(settled).toHaveLength(cancelled.body.replayed);
    expect((await progress(body.id)).replayed).toBe(cancelled.body.replayed);
  });

  test("the same Idempotency-Key starts one replay", async () => {
    const headers = { "idempotency-key": randomUUID() };
    const body = { filter: { userId: randomUUID() } };
    const answers = [];
    for (let n = 0; n < 2; n++)
      answers.push(await desk.send("POST", "/v1/dead-letter-replays", { headers, body }));
    expect(answers[0]!.status).toBe(202);
    expect(answers[1]!.body.id).toBe(answers[0]!.body.id);
  });

  test.each([
    [{}, "/filter"],
    [{ filter: { stream: 3 } }, "/filter/stream"],
    [{ filter: { colour: "red" } }, "/filter/colour"],
    [{ filter: {}, ratePerSecond: 0 }, "/ratePerSecond"],
    [{ filter: {}, limit: 1.5 }, "/limit"],
  ])("%j is 422 and names the field", async (body, pointer) => {
    expect(await desk.send("POST", "/v1/dead-letter-replays", { body })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });
});
