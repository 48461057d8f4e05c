import { headers } from "@nats-io/nats-core";
import type { OutgoingMessage } from "../../../platform/messaging/publish-with-retry.ts";

/** Says which letter a replayed event was; should it fail again, the new letter knows the old one by it. */
export const LETTER_ID_HEADER = "Dead-Letter-Id";

export type ReplayableLetter = {
  id: string;
  subject: string;
  revision: number;
  headers: Record<string, string[]>;
  payload: Buffer;
};

/**
 * What a replay of the letter publishes. The message id comes from the letter and its edits: published twice, it is
 * stored once. Headers that steer the broker stay behind; whatever follows the event, its trace, goes along.
 */
export const replayedMessage = ({
  id,
  subject,
  revision,
  payload,
  ...letter
}: ReplayableLetter): OutgoingMessage => {
  const outgoing = headers();
  for (const [name, values] of Object.entries(letter.headers)) {
    if (/^nats-/i.test(name) || name === LETTER_ID_HEADER) continue;
    for (const value of values) outgoing.append(name, value);
  }
  outgoing.set(LETTER_ID_HEADER, id);
  return { subject, body: payload, messageId: `replay:${id}:${revision}`, headers: outgoing };
};
