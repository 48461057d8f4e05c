import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  OPERATOR,
  putLetter,
  startDeadLetterDesk,
  transactionOf,
} from "../../../tests/harness/dead-letters.ts";
import type { DeadLetterDesk } from "../../../tests/harness/dead-letters.ts";

let desk: DeadLetterDesk;
beforeAll(async () => {
  desk = await startDeadLetterDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

const LETTER = "/v1/dead-letters";

const published = async (): Promise<number> =>
  (await desk.broker.jsm.streams.info("TRANSACTIONS")).state.messages;

describe("edit", () => {
  test("a valid event replaces what a replay publishes, beside the bytes that came, and is audited with its diff", async () => {
    const came = Buffer.from('{"amount": "1,5"');
    const id = await putLetter(desk.sql, { payload: came });
    const event = transactionOf();
    const answer = await desk.send("PUT", `${LETTER}/${id}/payload`, {
      body: { payload: event, reason: "a comma" },
    });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id,
        edited: true,
        userId: event.userId,
        eventId: event.eventId,
        payload: { format: "json", content: event },
        originalPayload: { format: "text", content: came.toString(), bytes: came.length },
        actions: [
          {
            action: "edit",
            actor: "id" in OPERATOR ? OPERATOR.id : "",
            reason: "a comma",
            before: { revision: 0, payload: { content: came.toString() } },
            after: { revision: 1, payload: { content: event } },
            replayId: null,
          },
        ],
      },
    });
    const [row] = await desk.sql`select payload from dead_letters where id = ${id}`;
    expect((row!["payload"] as Buffer).equals(came)).toBe(true);
  });

  test("an event that breaks its schema is 422 with a pointer for each fault, and changes nothing", async () => {
    const id = await putLetter(desk.sql);
    const payload = transactionOf({ amount: 3, currency: "dollars" });
    const answer = await desk.send("PUT", `${LETTER}/${id}/payload`, { body: { payload } });
    expect(answer).toMatchObject({ status: 422, body: { code: "validation_failed" } });
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer).toSorted()).toEqual([
      "/payload/amount",
      "/payload/currency",
    ]);
    expect((await desk.send("GET", `${LETTER}/${id}`)).body).toMatchObject({ edited: false, actions: [] });
  });

  test.each([
    ["a payload that is no object", { payload: [1] }, "/payload"],
    ["an unknown field", { payload: {}, why: "x" }, "/why"],
    ["no payload", {}, "/payload"],
    ["an empty reason", { payload: {}, reason: " " }, "/reason"],
    ["half a surrogate pair in the reason", { payload: {}, reason: "a\ud800" }, "/reason"],
  ])("%s is 422", async (_what, body, pointer) => {
    const id = await putLetter(desk.sql);
    const answer = await desk.send("PUT", `${LETTER}/${id}/payload`, { body });
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } });
  });

  test("a body that is no JSON is 400, one of another type 415, one too large 413", async () => {
    const path = `${LETTER}/${await putLetter(desk.sql)}/payload`;
    expect((await desk.send("PUT", path, { raw: "{" })).status).toBe(400);
    expect(
      (await desk.send("PUT", path, { raw: "{}", headers: { "content-type": "text/plain" } })).status,
    ).toBe(415);
    const large = { payload: { padding: "x".repeat(300_000) } };
    expect((await desk.send("PUT", path, { body: large })).status).toBe(413);
  });
});

describe("dry run", () => {
  test("says what would be published and that it is new, and publishes nothing", async () => {
    const event = transactionOf();
    const id = await putLetter(desk.sql, {
      payload: event,
      headers: { traceparent: ["00-a"], "Nats-Msg-Id": ["first"] },
    });
    const before = await published();
    const { status, body } = await desk.send("GET", `${LETTER}/${id}/dry-run`);
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        wouldPublish: true,
        status: "open",
        subject: "transactions.topic",
        messageId: `replay:${id}:0`,
        headers: { traceparent: ["00-a"], "Dead-Letter-Id": [id] },
        payload: { format: "json", content: event, bytes: JSON.stringify(event).length },
        valid: true,
        errors: [],
        alreadyStored: false,
      },
    });
    expect(await published()).toBe(before);
  });

  test("names the faults of what would fail again, and knows when it cannot tell", async () => {
    const bad = await putLetter(desk.sql, { payload: transactionOf({ currency: "x" }) });
    expect((await desk.send("GET", `${LETTER}/${bad}/dry-run`)).body).toMatchObject({
      wouldPublish: false,
      valid: false,
      errors: [{ pointer: "/currency" }],
    });
    const unknown = await putLetter(desk.sql, { subject: "bonus.granted" });
    expect((await desk.send("GET", `${LETTER}/${unknown}/dry-run`)).body).toMatchObject({
      wouldPublish: true,
      valid: null,
      alreadyStored: null,
    });
  });
});
