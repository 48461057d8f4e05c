import { HISTORY_DAYS } from "../domain/life.ts";
import { type PersonalEvent, drawPopulation, tellLives } from "../domain/population.ts";
import type { AppClient } from "../http/app-client.ts";
import { type Clock, startClock } from "./clock.ts";
import type { Decisions } from "./decisions.ts";
import { inParallel } from "./in-parallel.ts";
import { openAccounts } from "./open-accounts.ts";
import { createPace } from "./pace.ts";
import type { Person } from "./person.ts";
import type { Receipts } from "./receipts.ts";
import { sendEvent } from "./send-event.ts";
import { useCredit } from "./use-credit.ts";

export type Phase = "people" | "history" | "live" | "check";

/** Told how far a phase is, 0 to 1, and what that means in words. */
export type OnProgress = (phase: Phase, share: number, words: string) => void;

export type PlayDeps = {
  readonly client: AppClient;
  readonly receipts: Receipts;
  readonly decisions: Decisions;
  readonly onProgress: OnProgress;
  readonly stopping: AbortSignal;
};

export type PlayOptions = {
  readonly users: number;
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
  readonly runId: string;
};

const LANES = 64;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** Plays the whole run: accounts, the past in fast motion, live traffic. @returns why accounts could not be opened */
export const play = async (options: PlayOptions, deps: PlayDeps): Promise<string[]> => {
  const { seed, users, rate, runId } = options;
  const { client, decisions, onProgress, stopping } = deps;
  const durationMs = options.minutes * 60_000;
  const { people, failures } = await openAccounts(drawPopulation(seed, users), {
    client,
    seed,
    runId,
    durationMs,
    stopping,
    opened: (count) => onProgress("people", count / users, `${count} of ${users} registered`),
  });
  for (const { persona } of people) decisions.meet(persona.archetype);

  const chronicle = tellLives(seed, people);
  const turn = createPace(rate, stopping);
  const startedAt = Date.now();
  await inParallel(chronicle.history(), LANES, async (item) => {
    if (!(await turn())) return;
    const share = 1 + item.event.offsetMs / (HISTORY_DAYS * DAY_MS);
    onProgress("history", share, `day ${Math.ceil(share * HISTORY_DAYS)} of ${HISTORY_DAYS}`);
    await sendEvent(item, startedAt, deps.receipts);
  });
  if (stopping.aborted) return failures;

  const clock = startClock(stopping);
  const liveAt = Date.now();
  const report = setInterval(() => reportLive(clock, durationMs, onProgress), 200);
  await Promise.all([
    sendLive(chronicle.live(durationMs), async (item) => {
      if ((await clock.until(item.event.offsetMs)) && (await turn()))
        await sendEvent(item, liveAt, deps.receipts);
    }),
    ...people.map((person) => useCredit(person, { clock, ...deps })),
    clock.until(durationMs),
  ]).finally(() => clearInterval(report));
  return failures;
};

const sendLive = (
  events: readonly PersonalEvent<Person>[],
  send: (item: PersonalEvent<Person>) => Promise<void>,
): Promise<void> =>
  inParallel(
    events.filter(({ person, event }) => event.offsetMs >= person.journey.sendsFrom),
    LANES,
    send,
  );

const reportLive = (clock: Clock, durationMs: number, onProgress: OnProgress): void => {
  const elapsed = Math.min(clock.elapsed(), durationMs);
  onProgress("live", elapsed / durationMs, `${Math.floor(elapsed / 1_000)} of ${durationMs / 1_000} s`);
};
