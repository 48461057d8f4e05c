import { expect, test } from "vitest";
import { readAnyEmotion, readEmotion } from "../../ingestion/domain/read-emotion.ts";
import { readAnyTransaction, readTransaction } from "../../ingestion/domain/read-transaction.ts";
import { arrivalOf } from "../../ingestion/domain/reading.ts";
import type { ReadEvent } from "../../ingestion/domain/reading.ts";
import { readPlainEmotion, readPlainTransaction } from "../../workers/telemetry/plain-event.ts";

const NOW = Date.UTC(2027, 5, 1, 12);
const userId = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c";
const emotion = {
  userId,
  timestamp: new Date(NOW - 1_000).toISOString(),
  emotionEvent: { type: "joy", metrics: { positivity: 0.25, intensity: 1, stress_level: 0.1 } },
};
const transaction = { userId, amount: 12.5 };

// What intake writes otherwise, workers read as well, and take longer for.
test.each<[string, ReadEvent[], object, (line: string) => unknown]>([
  ["an emotion", [readEmotion, readAnyEmotion], emotion, readPlainEmotion],
  ["an emotion with an id", [readEmotion, readAnyEmotion], { ...emotion, eventId: "e-1" }, readPlainEmotion],
  ["a transaction", [readTransaction, readAnyTransaction], transaction, readPlainTransaction],
  [
    "a transaction with everything",
    [readTransaction, readAnyTransaction],
    { ...transaction, eventId: "t-1", currency: "EUR", category: "rent", occurredAt: emotion.timestamp },
    readPlainTransaction,
  ],
])("%s, as intake writes it, is read by its worker without the schema", (_, readers, event, readPlain) => {
  for (const read of readers) {
    const reading = read(event, arrivalOf({ kind: "internal" }, NOW, "trace-1"));
    if (reading.kind !== "event") throw new Error("refused");
    expect(readPlain(reading.line)).toEqual(JSON.parse(reading.line));
  }
});
