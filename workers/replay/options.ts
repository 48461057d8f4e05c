import { parseArgs } from "node:util";
import { parseTimestamp } from "../../contracts/event-time.ts";
import { timestamp } from "../../contracts/times.ts";
import { isReplayable, REPLAYABLE } from "./targets.ts";
import type { Replayable } from "./targets.ts";

export type Options = {
  readonly stream: Replayable;
  readonly from: Date;
  readonly to: Date | undefined;
  readonly dryRun: boolean;
  /** Most events a second. */
  readonly rate: number;
};

export const HELP = `npm run replay -- --stream NAME --from TIME [options]

Feeds what a stream has stored through its worker's own code once more. What took effect before changes nothing; what
is missing in the database, after a restore from a backup for example, is stored now. Nothing is published again, and
the workers may go on meanwhile.

  --stream NAME   ${REPLAYABLE.join(", ")}
  --from TIME     events that the broker stored at this time or later: 2026-11-01, 2026-11-01T08:30Z
  --to TIME       and before this one (until now)
  --rate N        most events a second, 1 to 1000000 (5000)
  --dry-run       only say what would be stored
  --help          this text

NATS_URL and DATABASE_URL are those of the stack that runs here, if not given.
Exit code: 0 done; 1 failed, or there is nothing in the range; 2 wrong options; 130 ended with Ctrl-C.`;

/** @returns undefined when help is asked for @throws Error naming the option that is wrong and what it may be */
export const parseOptions = (args: readonly string[], now: Date): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      stream: { type: "string" },
      from: { type: "string" },
      to: { type: "string" },
      rate: { type: "string", default: "5000" },
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const stream = (values.stream ?? "").toUpperCase();
  if (!isReplayable(stream))
    throw new Error(`--stream must be one of ${REPLAYABLE.join(", ")}${given(values.stream)}`);
  const from = time("--from", values.from);
  const to = values.to === undefined ? undefined : time("--to", values.to);
  if (from > now) throw new Error("--from must not lie in the future");
  if (to && to <= from) throw new Error("--to must be later than --from");
  return { stream, from, to, dryRun: values["dry-run"], rate: wholeNumber("--rate", values.rate, 1_000_000) };
};

const given = (text: string | undefined): string =>
  text === undefined ? "" : `, not ${JSON.stringify(text)}`;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

// As the API reads times, or a date alone: the beginning of that day in UTC.
const time = (name: string, text: string | undefined): Date => {
  const whole = text !== undefined && DATE.test(text) ? `${text}T00:00Z` : text;
  const { data } = timestamp.safeParse(whole);
  const parsed = new Date(data === undefined ? NaN : parseTimestamp(data));
  if (!Number.isNaN(parsed.getTime())) return parsed;
  throw new Error(`${name} must be an ISO 8601 time such as 2026-11-01T00:00Z${given(text)}`);
};

const wholeNumber = (name: string, text: string, max: number): number => {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be a whole number from 1 to ${max}, not ${JSON.stringify(text)}`);
};
