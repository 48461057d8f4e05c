import type { JsMsg } from "@nats-io/jetstream";

/** Where a message stands in its stream, and which delivery of it this is, from 1. */
export type PlaceInStream = { sequence: number; attempt: number };

// `$JS.ACK.<stream>.<consumer>.<attempt>.<sequence>.<consumer's sequence>.<time>.<pending>`; a broker that has domains
// puts two tokens before the stream, and may put another at the end.
const DOTS_WITHOUT_DOMAIN = 8;

/** The subject on which a message is acknowledged; the library has it without saying so. */
export const ackSubjectOf = (message: JsMsg): string => (message as JsMsg & { reply: string }).reply;

/**
 * Reads both from the subject on which a message is acknowledged. Every message is asked for them, and the library's
 * `info` makes eleven texts and an object of it: 0.7 µs more a message.
 */
export const placeInStream = (ackSubject: string): PlaceInStream => {
  const attempt = afterDots(ackSubject, countDots(ackSubject) === DOTS_WITHOUT_DOMAIN ? 4 : 6);
  const sequence = ackSubject.indexOf(".", attempt) + 1;
  return {
    attempt: Number(ackSubject.slice(attempt, sequence - 1)),
    sequence: Number(ackSubject.slice(sequence, ackSubject.indexOf(".", sequence))),
  };
};

const countDots = (text: string): number => {
  let dots = 0;
  for (let at = text.indexOf("."); at !== -1; at = text.indexOf(".", at + 1)) dots += 1;
  return dots;
};

const afterDots = (text: string, dots: number): number => {
  let at = 0;
  for (let passed = 0; passed < dots; passed++) at = text.indexOf(".", at) + 1;
  return at;
};
