import type { Verdict } from "../check/verdict.ts";
import type { Acceptance } from "../clients/acceptances.ts";
import type { Window } from "../clients/observer.ts";
import type { SentEvent } from "../../faults/support/event-ledger.ts";
import type { Happened } from "../nemesis/nemesis.ts";
import type { Options } from "../options.ts";
import { judgePromises, type Promised } from "./promises.ts";
import { countErrors, type Row } from "./row.ts";

export type Report = {
  readonly seed: number;
  readonly options: Options;
  readonly startedAt: string;
  readonly acknowledged: { readonly events: number; readonly acceptances: number; readonly poison: number };
  readonly requests: number;
  readonly failedRequests: number;
  readonly timeline: readonly Happened[];
  readonly rows: readonly Row[];
  /** What clients may expect of single faults, and the worst that they saw. */
  readonly promises: readonly Promised[];
  readonly verdict: Verdict;
};

export type Findings = {
  readonly options: Options;
  readonly startedAt: Date;
  readonly windows: readonly Window[];
  readonly timeline: readonly Happened[];
  readonly events: readonly SentEvent[];
  readonly acceptances: ReadonlyMap<string, Acceptance>;
  readonly poison: number;
  readonly verdict: Verdict;
};

export const makeReport = (findings: Findings): Report => {
  const { options, windows, timeline, verdict } = findings;
  const moments = sendingTimes(findings);
  const countPerFault = (named: readonly string[]): Map<number, number> => {
    const counts = new Map<number, number>();
    for (const name of named) {
      const { fault } = windowAt(windows, moments(name));
      counts.set(fault, (counts.get(fault) ?? 0) + 1);
    }
    return counts;
  };
  const lost = countPerFault(verdict.lost);
  const doubled = countPerFault(verdict.doubled);
  const rows = windows.map((window): Row => {
    const happened = timeline.find(({ number }) => number === window.fault);
    return {
      number: window.fault,
      fault: happened?.fault ?? "(none yet)",
      requests: window.requests,
      errors: Object.fromEntries(window.errors),
      refusingForMs: Math.round(window.refusingForMs),
      failedAcceptances: window.failedAcceptances,
      longestWithoutTelemetryMs: Math.round(window.longestGapMs.telemetry),
      longestWithoutCreditMs: Math.round(window.longestGapMs.credit),
      recoveredAfterMs: happened?.recoveredAfterMs,
      lost: lost.get(window.fault) ?? 0,
      doubled: doubled.get(window.fault) ?? 0,
    };
  });
  return {
    seed: options.seed,
    options,
    startedAt: findings.startedAt.toISOString(),
    acknowledged: {
      events: findings.events.filter(({ acknowledged }) => acknowledged).length,
      acceptances: [...findings.acceptances.values()].filter(({ acknowledged }) => acknowledged).length,
      poison: findings.poison,
    },
    requests: rows.reduce((sum, { requests }) => sum + requests, 0),
    failedRequests: rows.reduce((sum, row) => sum + countErrors(row), 0),
    timeline,
    rows,
    promises: judgePromises(timeline, rows),
    verdict,
  };
};

/** True when nothing was lost or doubled, every rule holds and everything recovered. */
export const isWell = ({ verdict, timeline }: Report): boolean =>
  verdict.lost.length + verdict.doubled.length + verdict.broken.length === 0 &&
  timeline.every(({ problem }) => problem === undefined);

// An account names an event by kind, user and id, and an acceptance by its offer.
const sendingTimes = ({ events, acceptances }: Findings): ((name: string) => number) => {
  const ofEvents = new Map(events.map(({ eventId, sentAt }) => [eventId, Date.parse(sentAt)]));
  return (name) => {
    const [, second = "", third = ""] = name.replace(":", "").split(" ");
    return ofEvents.get(third) ?? acceptances.get(second)?.sentAt ?? 0;
  };
};

const windowAt = (windows: readonly Window[], moment: number): Window =>
  windows.findLast(({ beganAt }) => beganAt <= moment) ?? windows[0]!;
