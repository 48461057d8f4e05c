import { randomBytes } from "node:crypto";
import type { Dispatcher } from "undici";
import type { Sql } from "../platform/database/connect.ts";
import type { Finding } from "./check/check-events.ts";
import { holdToReceipts } from "./check/hold-to-receipts.ts";
import { createAppClient } from "./http/app-client.ts";
import { type Meter, createMeter } from "./http/meter.ts";
import type { Options } from "./options.ts";
import { type Decisions, createDecisions } from "./play/decisions.ts";
import { play } from "./play/play.ts";
import { type Receipts, createReceipts } from "./play/receipts.ts";
import { describeCalls, describeDecisions, describeErrors, describeFindings } from "./report/describe-run.ts";
import { startProgress } from "./report/progress.ts";
import type { Interrupts } from "./interrupts.ts";

export type RunDeps = {
  readonly baseUrl: string;
  readonly dispatcher: Dispatcher;
  readonly sql: Sql;
  readonly output: NodeJS.WriteStream;
  readonly interrupts: Interrupts;
};

const EXIT = { well: 0, broken: 1, interrupted: 130 } as const;

/** Plays a run, checks what was promised in it and prints what came of it. @returns the exit code */
export const run = async (options: Options, deps: RunDeps): Promise<number> => {
  const { output, interrupts } = deps;
  const runId = `sim-${randomBytes(4).toString("hex")}`;
  output.write(`${options.users} people, seed ${options.seed}, run ${runId}, against ${deps.baseUrl}\n`);

  const meter = createMeter();
  const receipts = createReceipts();
  const decisions = createDecisions();
  const progress = startProgress({ output, meter });
  const origin = new URL(deps.baseUrl).origin;
  const stopping = interrupts.first;
  const client = createAppClient({
    origin,
    dispatcher: deps.dispatcher,
    meter,
    random: Math.random,
    stopping,
  });
  const started = performance.now();
  let failures: string[] = [];
  let seconds = 0;
  let verdict: Finding[] | Error = [];
  try {
    const onProgress = progress.on;
    failures = await play({ ...options, runId }, { client, receipts, decisions, onProgress, stopping });
    seconds = (performance.now() - started) / 1_000;
    verdict = await holdToReceipts(deps.sql, receipts, { onProgress, stopping: interrupts.second }).catch(
      (error: Error) => error,
    );
  } finally {
    progress.end();
  }
  printReport(output, { meter, decisions, receipts, seconds, failures, verdict });
  if (stopping.aborted) return EXIT.interrupted;
  const kept = !(verdict instanceof Error) && verdict.length === 0;
  return kept && receipts.acknowledged() > 0 ? EXIT.well : EXIT.broken;
};

type Outcome = {
  meter: Meter;
  decisions: Decisions;
  receipts: Receipts;
  seconds: number;
  failures: readonly string[];
  verdict: readonly Finding[] | Error;
};

const printReport = (output: NodeJS.WriteStream, outcome: Outcome): void => {
  const { meter, decisions, failures, seconds } = outcome;
  const sections = [
    describeCalls(meter, seconds),
    describeErrors(meter),
    describeDecisions(decisions.rows()),
    ...(failures.length > 0 ? [`${failures.length} people got no account; the first: ${failures[0]}`] : []),
    describeVerdict(outcome),
  ];
  output.write(`\n${sections.join("\n\n")}\n`);
};

const describeVerdict = ({ receipts, verdict }: Outcome): string => {
  const promised = `${receipts.acknowledged()} events and ${receipts.acceptances.size} acceptances`;
  if (verdict instanceof Error) return `NOT CHECKED: ${promised}: the database: ${verdict.message}`;
  if (verdict.length > 0) return `BROKEN: of ${promised}, these were not kept:\n${describeFindings(verdict)}`;
  if (receipts.acknowledged() === 0) return "NOTHING PLAYED: the stack acknowledged no event.";
  return `KEPT: ${promised}: every event is stored exactly once, every limit is active and announced once.`;
};
