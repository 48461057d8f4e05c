import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { emotionEvent } from "../../contracts/events/emotion-event.ts";
import { transactionEvent } from "../../contracts/events/transaction-event.ts";
import { readPlainEmotion, readPlainTransaction } from "./plain-event.ts";

const odd = fc.oneof(fc.jsonValue(), fc.constantFrom(null, "", "\u0000", "é", 0, -1, true, [], {}));
/** Usually what intake writes, now and then something at the edge of it, seldom anything at all. */
const field = (usual: fc.Arbitrary<unknown>, edge: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 2, arbitrary: edge }, { weight: 1, arbitrary: odd });

/** Seldom with a field that nobody asked for. */
const perhapsMore = (value: fc.Arbitrary<object>): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 20, arbitrary: value },
    { weight: 1, arbitrary: fc.tuple(value, fc.jsonValue()).map(([usual, more]) => ({ ...usual, more })) },
  );

const userId = field(
  fc.uuid(),
  fc.oneof(
    fc.uuid().map((id) => id.toUpperCase()),
    fc.uuid().map((id) => `${id}\n`),
    fc.constantFrom("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
  ),
);
const text = field(
  fc.stringMatching(/^[ !#-[\]-~]{1,64}$/),
  fc.oneof(
    fc.string({ maxLength: 66 }),
    fc.string({ unit: "binary", maxLength: 66 }),
    fc.constantFrom("a\n", "\u007f", "\u0080", "\u2028", "a".repeat(64), "a".repeat(65), "😀".repeat(64)),
  ),
);
const metric = field(
  fc.integer({ min: 0, max: 10_000 }).map((n) => n / 10_000),
  fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, 1, 1e-7, 5e-324, 1.0000001, 2, "0.5"),
  ),
);
const twoDigits = (most: number) => fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, "0"));
const time = field(
  fc
    .date({ min: new Date(0), max: new Date("2200-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.oneof(
    fc
      .tuple(twoDigits(13), twoDigits(32), twoDigits(25), twoDigits(61))
      .map(([month, day, hour, rest]) => `2028-${month}-${day}T${hour}:${rest}:${rest}.999Z`),
    fc.constantFrom(
      "2028-02-29T10:00:00.000Z",
      "2027-02-29T10:00:00.000Z",
      "2027-12-31T23:59:59Z",
      "2027-12-31T23:59:59.1234567Z",
      "2027-12-31T23:59:59.123+01:00",
      "2027-12-31T23:59:59.123Z\n",
      "2027-12-31T23:59:59.123",
    ),
  ),
);
const traceId = field(
  fc.stringMatching(/^[ !#-[\]-~]{0,128}$/),
  fc.constantFrom("t".repeat(128), "t".repeat(129)),
);
const amount = field(
  fc
    .tuple(fc.bigInt({ min: 0n, max: 99_999_999_999n }), fc.integer({ min: 0, max: 9_999 }))
    .map(([n, part]) => `${n}.${part}`),
  fc.constantFrom("1", "1.", ".5", "1e3", "-1", "123456789012", "1.12345", "1\n", 5),
);
const currency = field(fc.constantFrom("USD", "EUR"), fc.constantFrom("usd", "US", "USDX", "USD\n", "ÄÖÜ"));

const emotion = fc.record(
  {
    eventId: text,
    userId,
    timestamp: time,
    receivedAt: time,
    traceId,
    emotionEvent: field(
      fc.record({
        type: text,
        metrics: perhapsMore(fc.record({ positivity: metric, intensity: metric, stress_level: metric })),
      }),
      odd,
    ),
  },
  { requiredKeys: ["eventId", "userId", "timestamp", "receivedAt", "emotionEvent"] },
);
const transaction = fc.record(
  {
    eventId: text,
    userId,
    amount,
    currency,
    category: text,
    occurredAt: time,
    receivedAt: time,
    traceId,
  },
  { requiredKeys: ["eventId", "userId", "amount", "currency", "occurredAt", "receivedAt"] },
);

/** As JSON is written, most often without spaces; and now and then with another character somewhere. */
const lineOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 8, arbitrary: value.map((json) => JSON.stringify(json)) },
    { weight: 1, arbitrary: value.map((json) => JSON.stringify(json, undefined, 1)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          value,
          fc.nat(),
          fc.nat(1),
          fc.constantFrom(...'"\\{}[],:0123456789.-+eE tfnaZ\n\u0000é'.split("")),
        )
        .map(([json, at, removed, added]) => {
          const line = JSON.stringify(json);
          const position = at % line.length;
          return line.slice(0, position) + added + line.slice(position + removed);
        }),
    },
  );

test.each([
  ["an emotion", emotion, emotionEvent, readPlainEmotion],
  ["a transaction", transaction, transactionEvent, readPlainTransaction],
] as const)(
  "%s that is read without the schema is exactly what the schema makes of it",
  (_, arbitrary, schema, read) => {
    let plain = 0;
    fc.assert(
      fc.property(lineOf(fc.oneof({ weight: 30, arbitrary: perhapsMore(arbitrary) }, odd)), (line) => {
        const event = read(line);
        if (event === undefined) return;
        plain++;
        expect(event).toStrictEqual(schema.parse(JSON.parse(line)));
      }),
      { numRuns: 10_000 },
    );
    // Neither everything nor nothing.
    expect(plain).toBeGreaterThan(500);
    expect(plain).toBeLessThan(10_000);
  },
);

test("what intake writes is read without the schema", () => {
  const userId = "5b1f6a52-0c3e-4f0a-9a55-0d7c0b8f7e11";
  const [at, traceId] = ["2026-11-25T19:27:05.308Z", "req-1"];
  const emotionEvent = {
    type: "joy",
    metrics: { positivity: 0.25, intensity: 1, stress_level: 0.123456789 },
  };
  const felt = { eventId: "e-1", userId, timestamp: at, receivedAt: at };
  for (const event of [
    { ...felt, traceId, emotionEvent },
    { ...felt, emotionEvent },
  ])
    expect(readPlainEmotion(JSON.stringify(event))).toStrictEqual(event);
  const paid = { eventId: "t-1", userId, amount: "12.5", currency: "USD" };
  const times = { occurredAt: at, receivedAt: at };
  for (const event of [
    { ...paid, category: "rent", ...times, traceId },
    { ...paid, ...times, traceId },
    { ...paid, ...times },
  ])
    expect(readPlainTransaction(JSON.stringify(event))).toStrictEqual(event);
});
