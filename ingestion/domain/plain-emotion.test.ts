import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { ME, NOW, caller, field, jsonOf, metric, text, timestamp, userId } from "./plain-events.fixture.ts";
import { readPlainEmotion } from "./plain-emotion.ts";
import { readAnyEmotion } from "./read-emotion.ts";
import { arrivalOf } from "./reading.ts";

const emotion = fc.record(
  {
    userId,
    timestamp,
    emotionEvent: field(
      fc.record(
        {
          type: text,
          metrics: field(
            fc.record(
              { positivity: metric, intensity: metric, stress_level: metric, more: fc.jsonValue() },
              {
                requiredKeys: [],
              },
            ),
          ),
          more: fc.jsonValue(),
        },
        { requiredKeys: ["type", "metrics"] },
      ),
    ),
    eventId: text,
    more: fc.jsonValue(),
  },
  { requiredKeys: ["userId", "timestamp", "emotionEvent"] },
);
test("what is read without the schema is exactly what the schema makes of it", () => {
  let plain = 0;
  fc.assert(
    fc.property(jsonOf(emotion), caller, (value, by) => {
      const arrival = arrivalOf(by, NOW, 'trace-"7"');
      const fast = readPlainEmotion(value, arrival);
      if (!fast) return;
      plain++;
      expect(fast).toEqual(readAnyEmotion(value, arrival));
    }),
    { numRuns: 10_000 },
  );
  // Neither everything nor nothing.
  expect(plain).toBeGreaterThan(1_000);
});

test.each([
  ["with an event id", { eventId: "e-1" }],
  ["without one", {}],
])("what clients write is read that way, %s", (_, over) => {
  const event = {
    userId: ME,
    timestamp: new Date(NOW).toISOString(),
    emotionEvent: { type: "joy", metrics: { positivity: 0.1, intensity: 1, stress_level: 0 } },
    ...over,
  };
  const arrival = arrivalOf({ kind: "internal" }, NOW, "t");
  expect(readPlainEmotion(event, arrival)).toEqual(readAnyEmotion(event, arrival));
  expect(readPlainEmotion(event, arrival)?.kind).toBe("event");
});
