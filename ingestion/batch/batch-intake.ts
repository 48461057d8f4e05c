import { setImmediate as nextTurn } from "node:timers/promises";
import { BATCH_LIMITS } from "../../contracts/http/telemetry-batches.ts";
import { refused } from "../domain/reading.ts";
import type { Arrival, ReadEvent } from "../domain/reading.ts";
import type { Line } from "../domain/split-lines.ts";
import { createBatchResults } from "./batch-results.ts";
import type { BatchResults } from "./batch-results.ts";
import type { Bundler } from "./bundler.ts";
import { isDeeperThan } from "../domain/nesting.ts";
import { tooManyEvents } from "./read-array.ts";
import type { ArrayElement } from "./read-array.ts";
import { createSeenIdentities } from "./seen-identities.ts";

export type BatchIntake = {
  readonly results: BatchResults;
  /** Takes events in their order. @throws AppError body_too_large when there are too many */
  takeLines: (lines: readonly Line[]) => Promise<void>;
  takeElements: (elements: readonly ArrayElement[]) => Promise<void>;
};

const TOO_LARGE = { pointer: "", detail: `must have at most ${BATCH_LIMITS.eventBytes} bytes` };
const TOO_DEEP = { pointer: "", detail: `must have at most ${BATCH_LIMITS.depth} levels of nesting` };
const NOT_JSON = { pointer: "", detail: "is not JSON in UTF-8" };
const FAULTS = {
  "too large": ["body_too_large", TOO_LARGE],
  "too deep": ["validation_failed", TOO_DEEP],
  "not UTF-8": ["malformed_json", NOT_JSON],
} as const;

/** Brings the events of one request into bundles, one by one, and remembers what became of each. */
export const createBatchIntake = (read: ReadEvent, arrival: Arrival, bundler: Bundler): BatchIntake => {
  const results = createBatchResults();
  const seen = createSeenIdentities();

  const take = (json: unknown): void => {
    const reading = read(json, arrival);
    if (reading.kind === "refused") return results.refuse(reading);
    const { userId, eventId, line } = reading;
    if (seen.add(userId, eventId)) results.ship(eventId, bundler.add(line));
    else results.repeat(eventId);
  };

  const takeFault = (fault: "too large" | "too deep" | "not UTF-8"): void => {
    const [code, error] = FAULTS[fault];
    results.refuse(refused(null, code, error));
  };

  const takeLine = (line: Line): void => {
    if (typeof line !== "string") return takeFault(line.fault);
    if (isDeeperThan(BATCH_LIMITS.depth, line)) return takeFault("too deep");
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      return results.refuse(refused(null, "malformed_json", NOT_JSON));
    }
    take(json);
  };

  const takeElement = (element: ArrayElement): void =>
    "fault" in element ? takeFault(element.fault) : take(element.json);

  const takeAll = async <Item>(items: readonly Item[], takeOne: (item: Item) => void): Promise<void> => {
    for (const item of items) {
      if (results.size === BATCH_LIMITS.events) throw tooManyEvents();
      takeOne(item);
      // Other requests must not wait for the end of a large body, whether its events are good or not.
      if (results.size % BREATH_EVERY === 0) await nextTurn();
      if (bundler.full) await bundler.send();
    }
  };

  return {
    results,
    takeLines: (lines) => takeAll(lines, takeLine),
    takeElements: (elements) => takeAll(elements, takeElement),
  };
};

const BREATH_EVERY = 512;
