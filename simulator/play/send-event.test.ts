import { expect, test } from "vitest";
import { drawJourney } from "../domain/journey.ts";
import { drawPersona } from "../domain/persona.ts";
import type { Result } from "../http/app-client.ts";
import { createReceipts } from "./receipts.ts";
import { sendEvent } from "./send-event.ts";

const event = {
  kind: "transaction",
  eventId: "e-1",
  offsetMs: -1_000,
  cents: 1_250,
  category: "coffee",
} as const;

const owedAfter = async (result: Result) => {
  const persona = drawPersona(1, 0);
  const sent: unknown[] = [];
  const session = {
    userId: "u-1",
    send: (_call: unknown, request: unknown) => {
      sent.push(request);
      return Promise.resolve(result);
    },
  };
  const receipts = createReceipts();
  const person = { persona, session, journey: drawJourney(1, persona, 1_000) };
  await sendEvent({ person, event }, Date.parse("2026-11-20T12:00:01Z"), receipts);
  return { owed: receipts.owed("transaction").get("u-1"), sent };
};

test("an event answered 202 is owed", async () => {
  const { owed, sent } = await owedAfter({ kind: "answered", status: 202, body: {} });
  expect([...owed!.acknowledged]).toEqual(["e-1"]);
  expect([...owed!.uncertain]).toEqual([]);
  expect(sent).toEqual([
    {
      method: "POST",
      path: "/v1/transactions",
      body: {
        userId: "u-1",
        amount: 12.5,
        category: "coffee",
        occurredAt: "2026-11-20T12:00:00.000Z",
        eventId: "e-1",
      },
    },
  ]);
});

test.each<[string, Result]>([
  ["was given up after it had been sent", { kind: "gave up", reached: true, last: "503" }],
  ["failed inside the platform", { kind: "answered", status: 500, body: {} }],
])("an event that %s may be stored or not", async (_, result) => {
  const { owed } = await owedAfter(result);
  expect([...owed!.uncertain]).toEqual(["e-1"]);
  expect([...owed!.acknowledged]).toEqual([]);
});

test.each<[string, Result]>([
  ["was refused", { kind: "answered", status: 422, body: {} }],
  ["was never sent", { kind: "gave up", reached: false, last: "ECONNREFUSED" }],
])("an event that %s is not to be found anywhere", async (_, result) => {
  expect((await owedAfter(result)).owed).toBeUndefined();
});
