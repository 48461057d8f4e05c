/** Where a message stands in its stream, and which delivery of it this is, from 1. */
export type PlaceInStream = { sequence: number; attempt: number };

// `$JS.ACK.<stream>.<consumer>.<attempt>.<sequence>.<consumer's sequence>.<time>.<pending>`; a broker that has domains
// puts two tokens before the stream, and may put another at the end.
const DOTS_WITHOUT_DOMAIN = 8;

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

/** Which stream a message is in, and when the broker stored it, in ns; the last digits of that are rounded. */
export const storedIn = (ackSubject: string): { stream: string; timestampNanos: number } => {
  const tokens = ackSubject.split(".");
  const first = countDots(ackSubject) === DOTS_WITHOUT_DOMAIN ? 2 : 4;
  return { stream: tokens[first] ?? "", timestampNanos: Number(tokens[first + 5]) };
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
