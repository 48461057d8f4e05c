import { subjects } from "./subjects.ts";

export type StreamDefinition = {
  name: string;
  subjects: string[];
  /** How long events stay, in ms. */
  maxAgeMs: number;
  /** Size cap; a stream that reaches it refuses new events, it never drops old ones. */
  maxBytes: number;
  /** How long the broker remembers message ids, in ms; two minutes if not given. */
  duplicateWindowMs?: number;
};

export type ConsumerDefinition = {
  stream: string;
  /** The durable name: the worker's own. */
  name: string;
  filterSubject: string;
};

const DAY = 24 * 60 * 60 * 1_000;
const MIB = 1_024 * 1_024;
// Longer than a relay or its database may be away between publishing a row and deleting it: the row, published again
// when they are back, is stored once. Few events go through here, so that remembering them costs little.
const OUTBOX_DUPLICATE_WINDOW_MS = DAY;

export const streams = {
  EMOTIONS: { name: "EMOTIONS", subjects: [subjects.emotions], maxAgeMs: 7 * DAY, maxBytes: 8_192 * MIB },
  TRANSACTIONS: {
    name: "TRANSACTIONS",
    subjects: [subjects.transactions],
    maxAgeMs: 7 * DAY,
    maxBytes: 8_192 * MIB,
  },
  CREDIT: {
    name: "CREDIT",
    subjects: ["credit.>"],
    maxAgeMs: 30 * DAY,
    maxBytes: 512 * MIB,
    duplicateWindowMs: OUTBOX_DUPLICATE_WINDOW_MS,
  },
  NOTIFICATIONS: {
    name: "NOTIFICATIONS",
    subjects: [subjects.notifications],
    maxAgeMs: 30 * DAY,
    maxBytes: 512 * MIB,
    duplicateWindowMs: OUTBOX_DUPLICATE_WINDOW_MS,
  },
  LEDGER: {
    name: "LEDGER",
    subjects: [
      `${subjects.accounts}.>`,
      `${subjects.ledgerTransactions}.>`,
      `${subjects.authorizations}.>`,
      `${subjects.bonuses}.>`,
    ],
    maxAgeMs: 30 * DAY,
    maxBytes: 2_048 * MIB,
    // Too many to remember for a day; every event carries the versions by which its consumers know it again.
    duplicateWindowMs: 15 * 60 * 1_000,
  },
  // What the database said of its own hash chain, kept where nobody who can write to it can change it.
  LEDGER_CHAIN: {
    name: "LEDGER_CHAIN",
    subjects: [subjects.chainHead],
    maxAgeMs: 90 * DAY,
    maxBytes: 256 * MIB,
  },
  DEAD_LETTERS: {
    name: "DEAD_LETTERS",
    subjects: [`${subjects.deadLetters}.>`],
    maxAgeMs: 90 * DAY,
    maxBytes: 1_024 * MIB,
    // Longer than ten retries take: an event buried again while its neighbours are retried is stored once.
    duplicateWindowMs: 60 * 60 * 1_000,
  },
} as const satisfies Record<string, StreamDefinition>;

export const consumers = {
  emotionProcessing: {
    stream: "EMOTIONS",
    name: "emotion-processing",
    filterSubject: subjects.emotions,
  },
  transactionProcessing: {
    stream: "TRANSACTIONS",
    name: "transaction-processing",
    filterSubject: subjects.transactions,
  },
  creditApplication: {
    stream: "CREDIT",
    name: "credit-application",
    filterSubject: subjects.offersApproved,
  },
  creditLines: {
    stream: "CREDIT",
    name: "credit-lines",
    filterSubject: subjects.limitsActivated,
  },
  deadLetter: {
    stream: "DEAD_LETTERS",
    name: "dead-letter",
    filterSubject: `${subjects.deadLetters}.>`,
  },
} as const satisfies Record<string, ConsumerDefinition>;
