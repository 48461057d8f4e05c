import { expect, test } from "vitest";
import { placeInStream } from "./place-in-stream.ts";

test.each([
  ["an old broker's", "$JS.ACK.EMOTIONS.emotion-processing.2.41.57.1764104051123456789.9"],
  ["one with a domain", "$JS.ACK.hub.acc.EMOTIONS.emotion-processing.2.41.57.1764104051123456789.9"],
  [
    "one with a token at the end",
    "$JS.ACK._.acc.EMOTIONS.emotion-processing.2.41.57.1764104051123456789.9.x1",
  ],
])("sequence and attempt are read from %s acknowledgement subject", (_, reply) => {
  expect(placeInStream(reply)).toEqual({ sequence: 41, attempt: 2 });
});
