import type { Options } from "./options.ts";
import { countRefused } from "./replay-range.ts";
import type { Tally } from "./replay-range.ts";

const number = (count: number): string => count.toLocaleString("en-US");

/** One line on how far a replay has come. */
export const describeProgress = (tally: Tally, messages: number, seconds: number): string => {
  const percent = Math.min(100, Math.floor((tally.messages / Math.max(1, messages)) * 100));
  const perSecond = Math.round(tally.events / Math.max(seconds, 0.001));
  return `${String(percent).padStart(3)} %  ${number(tally.messages)} of ${number(messages)} messages, ${number(tally.events)} events, ${number(tally.newlyStored)} new, ${number(perSecond)}/s`;
};

/** What a replay did, or, with `dryRun`, would do. */
export const describeSummary = (
  tally: Tally,
  { stream, dryRun }: Pick<Options, "stream" | "dryRun">,
  seconds: number,
): string => {
  const rows: [string, string][] = [
    ["messages", number(tally.messages)],
    ["events", number(tally.events)],
    ["already stored", number(tally.alreadyStored)],
    [dryRun ? "would be newly stored" : "newly stored", number(tally.newlyStored)],
    ["refused", number(countRefused(tally)) + reasons(tally)],
  ];
  const title = `${dryRun ? "Looked through" : "Replayed"} ${stream} in ${seconds.toFixed(1)} s`;
  return [title, ...rows.map(([name, value]) => `  ${name.padEnd(22)} ${value}`)].join("\n");
};

const reasons = ({ refused }: Tally): string => {
  if (refused.size === 0) return "";
  const counts = [...refused].map(([errorClass, count]) => `${errorClass} ${number(count)}`);
  return `  (${counts.join(", ")}; nothing was added to the dead letters)`;
};
