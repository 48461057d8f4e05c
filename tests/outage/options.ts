import { parseArgs } from "node:util";

export type Options = {
  /** How long the database is away. */
  readonly minutes: number;
  /** Of traffic at twice the rate before, so that every process has reached its working size. */
  readonly warmUpMinutes: number;
  /** Events a second, over all. */
  readonly rate: number;
};

export const HELP = `npm run outage -- [options]

Starts a private stack, sends it telemetry through nginx, stops PostgreSQL for some minutes, watches the memory of
every process meanwhile, starts PostgreSQL again and times how fast the backlog is worked off. Every event that was
acknowledged must then be stored exactly once.

  --minutes N    without a database, 1 to 60 (5)
  --warm-up N    minutes before, at twice the rate, 0.2 to 10 (3): longer than the broker remembers message ids
  --rate N       events a second, 20 to 10000 (400)
  --help         this text

Exit code: 0 no process grew by more than 10 %, and nothing was lost or doubled; 1 not so; 2 wrong options.`;

/** @returns undefined when help is asked for @throws Error naming the option that is wrong and what it may be */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "5" },
      "warm-up": { type: "string", default: "3" },
      rate: { type: "string", default: "400" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    minutes: numberWithin("--minutes", values.minutes, 1, 60),
    warmUpMinutes: numberWithin("--warm-up", values["warm-up"], 0.2, 10),
    rate: numberWithin("--rate", values.rate, 20, 10_000),
  };
};

const numberWithin = (name: string, text: string, min: number, max: number): number => {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be a number from ${min} to ${max}, not ${JSON.stringify(text)}`);
};
