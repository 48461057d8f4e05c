import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { jetstream } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { subjects } from "../../../contracts/subjects.ts";
import { publishWithRetry } from "../../../platform/messaging/publish-with-retry.ts";
import { parseServers } from "../../../platform/messaging/server-url.ts";

export type Poisoner = {
  /** Resolves when the last one is acknowledged. @throws Error when the time is over first */
  readonly stop: () => Promise<void>;
  /** What the broker has acknowledged. */
  readonly poison: ReadonlySet<string>;
};

const EVERY_MS = 2_000;
const SUBJECTS = [subjects.emotions, subjects.transactions];

/**
 * Puts an event that nobody can read into a stream every two seconds; each must end in the dead letters, once.
 * @param giveUpAt Unix milliseconds after which nothing is tried again
 */
export const startPoisoner = async (natsUrl: string, giveUpAt: () => number): Promise<Poisoner> => {
  const connection = await connect({
    ...parseServers(natsUrl),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
  });
  const js = jetstream(connection);
  const poison = new Set<string>();
  const stopping = new AbortController();

  const isStored = (subject: string, body: string): Promise<boolean> =>
    publishWithRetry({ js }, { subject, body, messageId: body, headers: headers() }).then(
      () => true,
      () => false,
    );
  const dose = async (subject: string): Promise<void> => {
    const body = `{"poison":"${randomUUID()}"}`;
    // Until it is acknowledged: otherwise nobody could say whether it must be there.
    while (!(await isStored(subject, body)))
      if (Date.now() > giveUpAt()) throw new Error("the broker does not acknowledge");
    poison.add(body);
  };
  const loop = async (): Promise<void> => {
    for (let number = 0; !stopping.signal.aborted; number++) {
      await dose(SUBJECTS[number % SUBJECTS.length]!);
      await sleep(EVERY_MS);
    }
  };
  const dosing = loop();
  // Heard when it is stopped, and not before.
  dosing.catch(() => {});
  return {
    poison,
    stop: async () => {
      stopping.abort();
      try {
        await dosing;
      } finally {
        await connection.close();
      }
    },
  };
};
