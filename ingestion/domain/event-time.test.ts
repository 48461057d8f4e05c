import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { judgeEventTime } from "../../contracts/event-time.ts";
import { timestamp } from "../../contracts/times.ts";
import { normaliseTime } from "./normalise-time.ts";

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 20, 12);

test("exactly the times from 90 days back to a day ahead are taken, the ends included", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.integer({ min: -100 * DAY, max: 2 * DAY }),
        fc.constantFrom(-90 * DAY, -90 * DAY - 1, DAY, DAY + 1),
      ),
      (offset) => {
        const judgement = judgeEventTime(NOW + offset, NOW);
        const expected = offset < -90 * DAY ? "too_old" : offset > DAY ? "in_future" : "acceptable";
        expect(judgement).toBe(expected);
      },
    ),
  );
});

test("one moment is one text, in whatever zone it is written", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: NOW - 90 * DAY, max: NOW }),
      fc.integer({ min: -14 * 60, max: 14 * 60 }),
      (ms, zone) => {
        const sign = zone < 0 ? "-" : "+";
        const digits = (value: number): string => String(value).padStart(2, "0");
        const offset = `${sign}${digits(Math.floor(Math.abs(zone) / 60))}:${digits(Math.abs(zone) % 60)}`;
        const local = new Date(ms + zone * 60_000).toISOString().slice(0, -1) + offset;
        expect(normaliseTime(local)).toEqual({ ms, text: new Date(ms).toISOString() });
      },
    ),
  );
});

test.each(["2026-11-20T10:05Z", "2026-11-20T12:05+02:00", "2026-11-20T10:05"])(
  "%s, on the full minute, is taken without its seconds",
  (written) => {
    expect(timestamp.safeParse(written).success).toBe(true);
    expect(normaliseTime(written)?.text).toBe("2026-11-20T10:05:00.000Z");
  },
);

test.each(["2026-11-20T24:00Z", "2026-02-30T10:05Z", "2026-11-20T10Z", "2026-11-20"])(
  "%s is no time",
  (written) => expect(timestamp.safeParse(written).success).toBe(false),
);
