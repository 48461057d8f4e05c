import { messageOf } from "../errors/message-of.ts";
import { classifyError, errorClassOf } from "./classify-error.ts";
import type { Handler, Outcome } from "./outcome.ts";

/**
 * Runs the handler over the events. When it throws on account of the data, halves are run apart until the bad
 * events stand alone: one bad event among n costs about 2·log2(n) further calls, and its neighbours pass at once.
 * @param read gives the events; called again when they are needed again, so that nobody has to hold them meanwhile
 * @throws what the handler threw when the surroundings are to blame: the whole batch is to be repeated
 */
export const runIsolated = async <Event>(
  read: () => Event[],
  handle: Handler<Event>,
  onIsolate: (error: unknown, size: number) => void = () => {},
): Promise<Outcome[]> => {
  try {
    return await runChecked(read(), handle);
  } catch (error) {
    const kind = classifyError(error);
    if (kind === "transient") throw error;
    const events = read();
    onIsolate(error, events.length);
    if (events.length === 1) return [outcomeOf(error, kind)];
    const middle = events.length >> 1;
    const first = await runIsolated(() => events.slice(0, middle), handle, onIsolate);
    const second = await runIsolated(() => events.slice(middle), handle, onIsolate);
    return [...first, ...second];
  }
};

// Not async, for that would hold the events until their end.
const runChecked = <Event>(events: Event[], handle: Handler<Event>): Promise<Outcome[]> =>
  events.length === 0 ? Promise.resolve([]) : checked(events.length, handle(events));

const checked = async (expected: number, handling: Promise<Outcome[]>): Promise<Outcome[]> => {
  const outcomes = await handling;
  if (outcomes.length !== expected)
    throw new Error(`the handler returned ${outcomes.length} outcomes for ${expected} events`);
  return outcomes;
};

const outcomeOf = (error: unknown, kind: "permanent" | "unknown"): Outcome => ({
  kind: kind === "permanent" ? "dead" : "retry",
  reason: messageOf(error),
  errorClass: errorClassOf(error),
});
