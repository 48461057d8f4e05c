/** What became of one event. Handlers return it; only the runner acknowledges, delays or buries. */
export type Outcome =
  /** `known`: nothing was to be done, it had been done before. */
  | { kind: "done"; known?: true }
  /** Once more later: after `delayMs`, or by the schedule. */
  | { kind: "retry"; reason: string; errorClass?: string; delayMs?: number }
  /** Never again: to the dead letters. */
  | { kind: "dead"; reason: string; errorClass?: string };

export const done: Outcome = { kind: "done" };
export const doneBefore: Outcome = { kind: "done", known: true };
export const retry = (reason: string, delayMs?: number): Outcome => ({
  kind: "retry",
  reason,
  ...(delayMs !== undefined && { delayMs }),
});
export const dead = (reason: string): Outcome => ({ kind: "dead", reason });

/** Takes a batch of events and says for each, in order, what became of it. */
export type Handler<Event> = (events: Event[]) => Promise<Outcome[]>;
