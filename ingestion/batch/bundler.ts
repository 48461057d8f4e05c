import type { LinePublisher } from "../../platform/messaging/line-publisher.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { CommitWatch } from "../../platform/messaging/commit-notice.ts";
import type { Shipment } from "./batch-results.ts";

export type BundlerOptions = {
  subject: string;
  traceparent: string;
  /** Given when somebody waits for the commit. */
  commits?: CommitWatch | undefined;
};

export type Bundler = {
  /** Puts an event into the bundle at hand; what becomes of it is known once `finish` has resolved. */
  add: (line: string) => Shipment;
  /** True when the bundle at hand is to be sent before another event is added. */
  readonly full: boolean;
  /** Sends the bundle at hand, as soon as there is room for it. */
  send: () => Promise<void>;
  /** Sends what is left and waits for the broker's word on everything. */
  finish: () => Promise<void>;
  /** After `finish`: waits until the database has committed what the broker has stored, or the signal aborts. */
  untilCommitted: (signal: AbortSignal) => Promise<void>;
};

// Well below the 1 MB that the broker takes. Whoever holds messages holds them whole, and what is fetched ahead is
// counted in messages.
const MOST_LINES = 256;
const ENOUGH_CHARACTERS = 256 * 1_024;

/** Puts the events of one request together, several a message, and publishes them while more come in. */
export const createBundler = (
  publisher: Pick<LinePublisher, "publishBundle">,
  { subject, traceparent, commits }: BundlerOptions,
): Bundler => {
  const sending: Promise<void>[] = [];
  const shipments: Shipment[] = [];
  let lines: string[] = [];
  let characters = 0;
  let shipment: Shipment = { stored: false };

  const send = async (): Promise<void> => {
    if (lines.length === 0) return;
    const shipped = shipment;
    if (commits) shipped.commit = commits.expect(lines.length);
    const bundle = {
      body: Buffer.from(lines.join("\n")),
      lines: lines.length,
      commitReply: shipped.commit?.subject,
    };
    shipments.push(shipped);
    lines = [];
    characters = 0;
    shipment = { stored: false };
    const { stored } = await publisher.publishBundle(subject, bundle, traceparent);
    const heard = hear(stored, shipped);
    // Asked for in `finish`.
    heard.catch(() => {});
    sending.push(heard);
  };

  return {
    add: (line) => {
      lines.push(line);
      characters += line.length;
      return shipment;
    },
    get full() {
      return lines.length >= MOST_LINES || characters >= ENOUGH_CHARACTERS;
    },
    send,
    finish: async () => {
      await send();
      await Promise.all(sending);
    },
    untilCommitted: async (signal) => {
      const awaited = shipments.map(async (shipped) => {
        if (shipped.stored && shipped.commit) shipped.fates = await shipped.commit.fates(signal);
        shipped.commit?.forget();
      });
      await Promise.all(awaited);
    },
  };
};

const hear = async (stored: Promise<void>, shipment: Shipment): Promise<void> => {
  try {
    await stored;
    shipment.stored = true;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    shipment.failure = error;
  }
};
