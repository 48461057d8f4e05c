import { sendEmotion } from "../../contracts/http/telemetry.ts";
import { emotionEvents } from "./telemetry.ts";
import type { RequestText } from "./protocol.ts";

/**
 * Single emotion events as today's clients send them: no event id, so that intake has to identify them by content.
 * @param headers what a gateway would add, or what a client presents to one
 */
export const emotionRequests = (count: number, headers: Record<string, string>): RequestText[] => {
  const events = emotionEvents({ count, users: 2_000, seed: 1, until: Date.now(), spanMs: 3_600_000 });
  return events.map(({ userId, timestamp, emotionEvent }, index) => ({
    method: "POST",
    path: sendEmotion.path,
    headers: { "content-type": "application/json", "x-request-id": `bench-${index}`, ...headers },
    body: JSON.stringify({ userId, timestamp, emotionEvent }),
  }));
};
