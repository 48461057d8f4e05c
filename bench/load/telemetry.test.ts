import { expect, test } from "vitest";
import { emotionEvent } from "../../contracts/events/emotion-event.ts";
import { transactionEvent } from "../../contracts/events/transaction-event.ts";
import { emotionEvents, transactionEvents } from "./telemetry.ts";

const options = { count: 300, users: 20, seed: 7, until: Date.now(), spanMs: 3_600_000 };

test("generated events keep to the contract that workers rely on", () => {
  for (const event of emotionEvents(options)) emotionEvent.parse(event);
  for (const event of transactionEvents(options)) transactionEvent.parse(event);
});

test("every event has an identity of its own, and as many people send as were asked for", () => {
  const events = emotionEvents(options);
  expect(new Set(events.map((event) => event.eventId)).size).toBe(300);
  expect(new Set(events.map((event) => event.userId)).size).toBe(20);
});

test("the same seed generates the same events, another seed others", () => {
  expect(transactionEvents(options)).toEqual(transactionEvents(options));
  expect(transactionEvents({ ...options, seed: 8 })).not.toEqual(transactionEvents(options));
});
