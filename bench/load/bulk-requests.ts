import { sendEmotionBatch } from "../../contracts/http/telemetry-batches.ts";
import type { RequestText } from "./protocol.ts";
import { STAMP } from "./stamper.ts";
import { emotionEvents } from "./telemetry.ts";

/**
 * Batches of emotion events in NDJSON, as devices that have gathered them send them: with event ids, which the
 * generator makes different each time.
 */
export const bulkRequests = (
  count: number,
  eventsPerRequest: number,
  headers: Record<string, string>,
): RequestText[] => {
  const total = count * eventsPerRequest;
  const events = emotionEvents({ count: total, users: 2_000, seed: 5, until: Date.now(), spanMs: 3_600_000 });
  const lines = events.map(({ userId, timestamp, emotionEvent }) =>
    JSON.stringify({ userId, timestamp, emotionEvent, eventId: `device-${STAMP}` }),
  );
  return Array.from({ length: count }, (_, index) => ({
    method: "POST",
    path: sendEmotionBatch.path,
    headers: { "content-type": "application/x-ndjson", ...headers },
    body: lines.slice(index * eventsPerRequest, (index + 1) * eventsPerRequest).join("\n"),
  }));
};
