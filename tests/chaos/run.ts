import { cpSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { Agent } from "undici";
import { createEventLedger } from "../faults/support/event-ledger.ts";
import { type Arena, openArena } from "./arena.ts";
import { untilQuiet } from "./check/quiet.ts";
import { stillInStreams } from "./check/whereabouts.ts";
import { judgeAll } from "./check/verdict.ts";
import type { Acceptance } from "./clients/acceptances.ts";
import { createClient } from "./clients/client.ts";
import { EVENTS_PER_PERSON, startCrowd } from "./clients/crowd.ts";
import { createObserver } from "./clients/observer.ts";
import { settlePeople } from "./clients/people.ts";
import { startPoisoner } from "./clients/poison.ts";
import { type Happened, runPlan } from "./nemesis/nemesis.ts";
import type { Options } from "./options.ts";
import { chooseComponents, componentsOf } from "./plan/components.ts";
import { describeFault, planFaults } from "./plan/plan.ts";
import { describeHappened } from "./report/describe.ts";
import { inRoot } from "../../stack/root.ts";
import { isWell, makeReport, type Report } from "./report/report.ts";

export type RunDeps = {
  readonly say: (line: string) => void;
  readonly stopping: AbortSignal;
};

const CALM_MS = 3_000;
const RESEND_FOR_MS = 60_000;
const CONNECTIONS = 1_024;

/** One run from the plan to the verdict. @throws AbortError when stopped; nothing of it is left running */
export const runChaos = async (options: Options, deps: RunDeps): Promise<Report> => {
  deps.say(`seed ${options.seed}: ${options.faults} faults in ${options.minutes} minutes; starting a stack…`);
  await using arena = await openArena(options);
  const sql = postgres(arena.databaseUrl, { max: 4, connect_timeout: 5, onnotice: () => {} });
  const dispatcher = new Agent({ connections: CONNECTIONS });
  try {
    return await runIn(arena, sql, dispatcher, options, deps);
  } finally {
    await Promise.all([sql.end({ timeout: 1 }), dispatcher.destroy()]);
  }
};

const runIn = async (
  arena: Arena,
  sql: Sql,
  dispatcher: Agent,
  options: Options,
  { say, stopping }: RunDeps,
): Promise<Report> => {
  const startedAt = new Date();
  const { baseUrl, internalKey, demo } = arena.stack.file();
  // Twice as long as planned, for faults that take longer than their turn.
  const count = Math.ceil((2 * options.minutes * 60 + 30) * (options.rate / EVENTS_PER_PERSON));
  const people = await settlePeople(sql, count, arena.stack.secrets().jwtSecret);
  let giveUpAt = Number.POSITIVE_INFINITY;
  const observer = createObserver(Date.now);
  const ledger = createEventLedger();
  const acceptances = new Map<string, Acceptance>();
  const refusals: string[] = [];
  const client = createClient({
    origin: baseUrl,
    dispatcher,
    observer,
    giveUpAt: () => giveUpAt,
    refused: (call, { path }, answer) => void refusals.push(`${call} ${path}: ${answer}`),
  });
  const crowd = startCrowd({
    client,
    ledger,
    acceptances,
    people,
    internalKey,
    rate: options.rate,
    giveUpAt: () => giveUpAt,
  });
  const poisoner = await startPoisoner(arena.natsUrl(), () => giveUpAt);
  const plan = planFaults(options, chooseComponents(componentsOf(options), options.only));
  say(
    plan
      .map(
        (fault) => `${(fault.at / 1_000).toFixed(1).padStart(6)} s  ${fault.number}. ${describeFault(fault)}`,
      )
      .join("\n"),
  );

  say("\nAs it happened:");
  let timeline: Happened[];
  try {
    await sleep(CALM_MS, undefined, { signal: stopping });
    timeline = await runPlan(plan, {
      arena,
      observer,
      stopping,
      happened: (entry) => say(describeHappened(entry)),
    });
  } finally {
    giveUpAt = Date.now() + (stopping.aborted ? 0 : RESEND_FOR_MS);
    const stops = await Promise.allSettled([crowd.stop(), poisoner.stop()]);
    for (const stop of stops) if (stop.status === "rejected") refusals.push(String(stop.reason));
  }
  say("Every request is answered; waiting for quiet…");
  const unquiet = await untilQuiet(sql, arena.natsUrl).then(
    () => [],
    (error: Error) => [error.message],
  );
  const verdict = await judgeAll(sql, arena.natsUrl(), {
    users: people.map(({ id }) => id),
    events: ledger.events(),
    acceptances,
    others: [demo.userId],
    poison: poisoner.poison,
    refusals: [...refusals, ...unquiet],
  });
  const unstored = new Set(verdict.lost.flatMap((key) => key.split(" ")[2] ?? []));
  if (unstored.size > 0) {
    const held = await stillInStreams(arena.natsUrl(), unstored);
    say(
      `${held.size} of ${unstored.size} lost events are in their streams: the others the broker lost itself`,
    );
  }
  const report = makeReport({
    options,
    startedAt,
    windows: observer.windows(),
    timeline,
    events: ledger.events(),
    acceptances,
    poison: poisoner.poison.size,
    verdict,
  });
  if (!isWell(report)) {
    const kept = inRoot(`.ecs/chaos-${options.seed}-logs`);
    cpSync(join(arena.stack.home, "logs"), kept, { recursive: true });
    say(`What every process said is in ${kept}`);
  }
  return report;
};
