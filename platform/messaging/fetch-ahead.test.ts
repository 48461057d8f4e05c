import { expect, test } from "vitest";
import { aheadFor } from "./fetch-ahead.ts";

test.each([
  ["an empty stream", 0, 0, 256],
  ["single events", 1_000_000, 400_000_000, 4_000],
  ["25 events a message", 1_000, 7_000_000, 1_198],
  ["256 events a message", 1_000, 67_108_864, 125],
  ["the largest that the broker takes", 10, 10_485_760, 64],
])("%s: so many messages are fetched ahead", (_, messages, bytes, ahead) => {
  expect(aheadFor({ messages, bytes })).toBe(ahead);
});
