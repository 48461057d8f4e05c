import { createInbox, headers } from "@nats-io/nats-core";
import type { Broker } from "../../platform/messaging/connect.ts";
import { CONTENT_TYPE_HEADER, NDJSON_TYPE } from "../../platform/messaging/ndjson.ts";

const MOST_UNDER_WAY = 4_000;

/**
 * Publishes messages as intake does, with a type and an id of their own, and waits until the broker has stored all.
 * @throws Error when it refuses one
 */
export const fillStream = async (
  broker: Broker,
  subject: string,
  bodies: readonly string[],
): Promise<void> => {
  const { nc } = broker;
  const reply = createInbox();
  const run = reply.slice(-10);
  const refusals: string[] = [];
  let acknowledged = 0;
  let wake = (): void => {};
  // One inbox for all acknowledgements: a request of its own for each would take most of the time.
  const acknowledgements = nc.subscribe(reply, {
    callback: (error, message) => {
      acknowledged++;
      const answer = error?.message ?? message.string();
      if (error || answer.includes('"error"')) refusals.push(answer);
      wake();
    },
  });
  const untilUnderWay = async (most: number, sent: number): Promise<void> => {
    for (;;) {
      if (sent - acknowledged <= most) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  for (const [index, body] of bodies.entries()) {
    const carried = headers();
    carried.set(CONTENT_TYPE_HEADER, NDJSON_TYPE);
    carried.set("Nats-Msg-Id", `${run}-${index}`);
    nc.publish(subject, body, { reply, headers: carried });
    if (index % 500 === 0) await untilUnderWay(MOST_UNDER_WAY, index + 1);
  }
  await untilUnderWay(0, bodies.length);
  acknowledgements.unsubscribe();
  if (refusals.length > 0) throw new Error(`the broker refused ${refusals.length} messages: ${refusals[0]}`);
};

/** Lines put together to messages of so many. */
export const toMessages = (lines: readonly string[], eventsPerMessage: number): string[] =>
  Array.from({ length: Math.ceil(lines.length / eventsPerMessage) }, (_, index) =>
    lines.slice(index * eventsPerMessage, (index + 1) * eventsPerMessage).join("\n"),
  );
