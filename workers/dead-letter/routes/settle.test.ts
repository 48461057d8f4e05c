import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { putLetter, startDeadLetterDesk, transactionOf } from "../../../tests/harness/dead-letters.ts";
import type { DeadLetterDesk } from "../../../tests/harness/dead-letters.ts";

let desk: DeadLetterDesk;
beforeAll(async () => {
  desk = await startDeadLetterDesk();
});
afterAll(() => desk[Symbol.asyncDispose]());

const LETTER = "/v1/dead-letters";

describe("replay and discard", () => {
  test("a repeat with the same Idempotency-Key gets the first answer, another request with it is 422", async () => {
    const [id, other] = [await putLetter(desk.sql), await putLetter(desk.sql)];
    const headers = { "idempotency-key": randomUUID() };
    const first = await desk.send("POST", `${LETTER}/${id}/replay`, { headers, body: { reason: "fixed" } });
    expect(first).toMatchObject({
      status: 200,
      body: { id, outcome: "replayed", messageId: `replay:${id}:0` },
    });
    const again = await desk.send("POST", `${LETTER}/${id}/replay`, { headers, body: { reason: "fixed" } });
    expect([again.body, again.headers.get("idempotency-hit")]).toEqual([first.body, "true"]);
    expect(first.headers.has("idempotency-hit")).toBe(false);
    const misused = await desk.send("POST", `${LETTER}/${other}/replay`, { headers });
    expect(misused).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    expect((await desk.send("GET", `${LETTER}/${id}`)).body).toMatchObject({
      status: "replayed",
      actions: [
        { action: "replay", reason: "fixed", before: { status: "open" }, after: { status: "replayed" } },
      ],
    });
  });

  test("a discarded letter is neither replayed, edited nor discarded again", async () => {
    const id = await putLetter(desk.sql);
    const body = { reason: "a test account" };
    expect(await desk.send("POST", `${LETTER}/${id}/discard`, { body })).toMatchObject({
      status: 200,
      body: { id, status: "discarded" },
    });
    for (const [method, action, sent] of [
      ["POST", "replay", undefined],
      ["POST", "discard", body],
      ["PUT", "payload", { payload: transactionOf() }],
    ] as const)
      expect(await desk.send(method, `${LETTER}/${id}/${action}`, { body: sent })).toMatchObject({
        status: 409,
        body: { code: "dead_letter_settled" },
      });
    expect((await desk.send("GET", `${LETTER}/${id}`)).body.actions).toMatchObject([
      { action: "discard", reason: "a test account", after: { status: "discarded" } },
    ]);
  });

  test.each([undefined, {}, { reason: "" }, { reason: 3 }, { reason: "x".repeat(501) }])(
    "a discard with %j for a body is refused",
    async (body) => {
      const id = await putLetter(desk.sql);
      const { status } = await desk.send("POST", `${LETTER}/${id}/discard`, { body });
      expect(status).toBe(body === undefined ? 400 : 422);
    },
  );

  test("an Idempotency-Key that is too long is 400", async () => {
    const headers = { "idempotency-key": "k".repeat(256) };
    const id = await putLetter(desk.sql);
    expect((await desk.send("POST", `${LETTER}/${id}/replay`, { headers })).status).toBe(400);
  });

  test("a subject that no stream takes is 422, for it would be so again, and the letter stays open", async () => {
    const id = await putLetter(desk.sql, { subject: "bonus.granted" });
    const answer = await desk.send("POST", `${LETTER}/${id}/replay`);
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: "", detail: "is of a subject that no stream takes" }] },
    });
    expect((await desk.send("GET", `${LETTER}/${id}`)).body.status).toBe("open");
  });
});
