import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "../../../platform/database/connect.ts";
import { inTransaction } from "../../../platform/database/transaction.ts";
import { AppError } from "../../../platform/errors/app-error.ts";
import { repeat } from "../../../platform/lifecycle/repeat.ts";
import type { Repetition } from "../../../platform/lifecycle/repeat.ts";
import type { Logger } from "../../../platform/observability/logger.ts";
import {
  advanceReplay,
  claimReplay,
  finishReplay,
  nextLetter,
  postponeReplay,
  untilNextReplay,
} from "../sql/replays.ts";
import type { ReplayRow } from "../sql/replays.ts";
import { replayLetter } from "./replay-letter.ts";
import type { ReplayDeps } from "./replay-letter.ts";

const LOOK_EVERY_MS = 2_000;

export type RunReplaysDeps = ReplayDeps & { sql: Sql; logger: Logger };

/**
 * Runs the replays by filter that the database holds, one letter a transaction, each replay at its own rate. A
 * restart goes on where the last commit was; several replicas take turns.
 */
export const runReplays = (deps: RunReplaysDeps): Repetition => {
  const stopping = new AbortController();
  const repetition = repeat(deps.logger, "replays", LOOK_EVERY_MS, async () => {
    if (stopping.signal.aborted) return false;
    const stepped = await stepReplay(deps);
    if (stepped) return true;
    const ms = await untilNextReplay(deps.sql);
    if (ms === undefined || ms > LOOK_EVERY_MS) return false;
    await sleep(Math.max(1, ms), undefined, { signal: stopping.signal }).catch(() => {});
    return !stopping.signal.aborted;
  });
  return {
    wake: repetition.wake,
    stop: async () => {
      stopping.abort();
      await repetition.stop();
    },
  };
};

type Refusal = { error: AppError; replay: ReplayRow; letterId: string };

/** Deals with one letter of one replay. False when none is due. */
const stepReplay = async (deps: RunReplaysDeps): Promise<boolean> => {
  let current: Omit<Refusal, "error"> | undefined;
  try {
    return await inTransaction(deps.sql, async (tx) => {
      const replay = await claimReplay(tx);
      if (!replay) return false;
      const letterId = await nextLetter(tx, replay);
      if (letterId === undefined) {
        await finishReplay(tx, replay.id);
        deps.logger.info({ replay: replay.id, replayed: replay.replayed }, "replay finished");
        return true;
      }
      current = { replay, letterId };
      const { actor, reason } = replay;
      const { outcome } = await replayLetter(deps, tx, {
        letterId,
        actor,
        reason: reason ?? undefined,
        replayId: replay.id,
      });
      const result = outcome === "replayed" ? "replayed" : "skipped";
      await advanceReplay(tx, replay, { position: letterId, result });
      return true;
    });
  } catch (error) {
    if (!(error instanceof AppError) || !current) throw error;
    await pass(deps.sql, { error, ...current });
    return true;
  }
};

// One that breaks its schema, or that somebody has just settled, is passed over; a broker that is away is waited for.
const pass = async (sql: Sql, { error, replay, letterId }: Refusal): Promise<void> => {
  if (error.code === "event_not_stored") {
    await postponeReplay(sql, replay.id, error.message);
    return;
  }
  const result = error.code === "validation_failed" ? "refused" : "skipped";
  await inTransaction(sql, async (tx) => {
    // Another replica may have passed it over in the meantime.
    const claimed = await claimReplay(tx);
    if (claimed?.id !== replay.id || claimed.position !== replay.position) return;
    await advanceReplay(tx, claimed, { position: letterId, result });
  });
};
