import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { ME, NOW, caller, field, jsonOf, text, timestamp, userId } from "./plain-events.fixture.ts";
import { readPlainTransaction } from "./plain-transaction.ts";
import { readAnyTransaction } from "./read-transaction.ts";
import { arrivalOf } from "./reading.ts";

const amount = field(
  fc.integer({ min: 1, max: 10_000_000 }).map((cents) => cents / 100),
  fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, -1, 1e-4, 1e-5, 99_999_999_999.9999, 1e11, 1e21, 0.00001, 12.34567),
  ),
);
const currency = field(
  fc.constantFrom("USD", "EUR"),
  fc.constantFrom("usd", "USDT", "USD\n", "", "ÜSD", "US"),
);
const transaction = fc.record(
  {
    userId,
    amount,
    eventId: text,
    currency,
    category: text,
    occurredAt: timestamp,
    more: fc.jsonValue(),
  },
  { requiredKeys: ["userId", "amount", "eventId"] },
);

test("what is read without the schema is exactly what the schema makes of it", () => {
  let plain = 0;
  fc.assert(
    fc.property(jsonOf(transaction), caller, (value, by) => {
      const arrival = arrivalOf(by, NOW, 'trace-"7"');
      const fast = readPlainTransaction(value, arrival);
      if (!fast) return;
      plain++;
      expect(fast).toEqual(readAnyTransaction(value, arrival));
    }),
    { numRuns: 10_000 },
  );
  // Neither everything nor nothing.
  expect(plain).toBeGreaterThan(1_000);
});

test.each([
  ["alone", {}],
  ["with everything", { currency: "EUR", category: "rent", occurredAt: new Date(NOW).toISOString() }],
])("what clients write is read that way, %s", (_, over) => {
  const arrival = arrivalOf({ kind: "internal" }, NOW, "t");
  const event = { userId: ME, amount: 12.5, eventId: "t-1", ...over };
  expect(readPlainTransaction(event, arrival)).toEqual(readAnyTransaction(event, arrival));
  expect(readPlainTransaction(event, arrival)?.kind).toBe("event");
});
