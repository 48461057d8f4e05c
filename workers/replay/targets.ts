import type { z } from "zod";
import { offerApproved } from "../../contracts/events/credit-events.ts";
import { HIGH_STRESS_THRESHOLD, emotionEvent } from "../../contracts/events/emotion-event.ts";
import { transactionEvent } from "../../contracts/events/transaction-event.ts";
import { consumers } from "../../contracts/streams.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { Decode } from "../../platform/messaging/delivery.ts";
import type { Handler } from "../../platform/messaging/outcome.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import { applyOffers } from "../credit-application/apply-offers.ts";
import { decodeWith } from "../decode-with.ts";
import { persistEmotions } from "../emotion-processing/persist-emotions.ts";
import { persistTransactions } from "../transaction-processing/persist-transactions.ts";
import { missingIdentities, unactivatedOffers } from "./sql/missing.ts";

export type TargetDeps = { sql: Sql; logger: Logger; wakeRelay: () => void };

/** A stream's events, and what its worker does with them. */
export type Target = {
  filterSubject: string;
  decode: Decode<unknown>;
  /** The worker's own handler; `onStored` hears how many events were new. */
  createHandler: (onStored: (count: number) => void) => Handler<unknown>;
  /** What names those of the events that would be new. */
  missing: (events: readonly unknown[]) => Promise<string[]>;
};

type Typed<Event> = {
  schema: z.ZodType<Event>;
  filterSubject: string;
  createHandler: (onStored: (count: number) => void) => Handler<Event>;
  missing: (events: readonly Event[]) => Promise<string[]>;
};

// The handler gets what the schema beside it has let through, and nothing else.
const target = <Event>({ schema, ...rest }: Typed<Event>): Target =>
  ({ ...rest, decode: decodeWith(schema) }) as unknown as Target;

const targets = {
  EMOTIONS: ({ sql }: TargetDeps) =>
    target({
      schema: emotionEvent,
      filterSubject: consumers.emotionProcessing.filterSubject,
      createHandler: (onStored) =>
        persistEmotions({
          sql,
          highStressThreshold: HIGH_STRESS_THRESHOLD,
          count: ({ inserted }) => onStored(inserted),
        }),
      missing: (events) => missingIdentities(sql, "emotion_event_identities", events),
    }),
  TRANSACTIONS: ({ sql }: TargetDeps) =>
    target({
      schema: transactionEvent,
      filterSubject: consumers.transactionProcessing.filterSubject,
      createHandler: (onStored) => persistTransactions({ sql, count: ({ inserted }) => onStored(inserted) }),
      missing: (events) => missingIdentities(sql, "transaction_identities", events),
    }),
  CREDIT: ({ sql, logger, wakeRelay }: TargetDeps) =>
    target({
      schema: offerApproved,
      filterSubject: consumers.creditApplication.filterSubject,
      createHandler: (onStored) =>
        applyOffers({ sql, logger, wakeRelay, count: (result) => onStored(result === "activated" ? 1 : 0) }),
      missing: (events) =>
        unactivatedOffers(
          sql,
          events.map(({ offerId }) => offerId),
        ),
    }),
} satisfies Record<string, (deps: TargetDeps) => Target>;

export type Replayable = keyof typeof targets;

export const REPLAYABLE = Object.keys(targets) as Replayable[];

export const isReplayable = (name: string): name is Replayable => Object.hasOwn(targets, name);

export const createTarget = (stream: Replayable, deps: TargetDeps): Target => targets[stream](deps);
