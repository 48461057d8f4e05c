import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

export type Options = {
  readonly users: number;
  readonly minutes: number;
  readonly seed: number;
  /** Most events a second, over all. */
  readonly rate: number;
  readonly baseUrl: string | undefined;
  readonly databaseUrl: string | undefined;
};

export const HELP = `npm run simulate -- [options]

Plays the mobile app against a running stack (npm start): people register, send a month of moods and purchases
in fast motion, then live traffic; they ask for credit, accept offers and read notifications. In the end the
stack is held to everything it answered 202.

  --users N            people, 1 to 100000 (200)
  --minutes N          minutes of live traffic, 0.1 to 1440 (1)
  --seed N             0 to 4294967295; the same seed plays the same people and events (random)
  --rate N             most events a second over all, 1 to 100000 (1000)
  --base-url URL       the stack's address (of the stack that runs here)
  --database-url URL   its database, which is only read (of the stack that runs here)
  --help               this text

Exit code: 0 all is well; 1 something acknowledged was lost or doubled, or nothing could be played;
2 wrong options; 130 ended with Ctrl-C.`;

/** @returns undefined when help is asked for @throws Error naming the option that is wrong and what it may be */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      users: { type: "string", default: "200" },
      minutes: { type: "string", default: "1" },
      seed: { type: "string" },
      rate: { type: "string", default: "1000" },
      "base-url": { type: "string" },
      "database-url": { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const seed = values.seed ?? String(randomInt(2 ** 32));
  return {
    users: wholeNumber("--users", values.users, 1, 100_000),
    minutes: numberWithin("--minutes", values.minutes, 0.1, 1_440),
    seed: wholeNumber("--seed", seed, 0, 2 ** 32 - 1),
    rate: wholeNumber("--rate", values.rate, 1, 100_000),
    baseUrl: url("--base-url", values["base-url"], /^https?:$/, "http://127.0.0.1:9999"),
    databaseUrl: url("--database-url", values["database-url"], /^postgres(ql)?:$/, "postgres://…"),
  };
};

const wholeNumber = (name: string, text: string, min: number, max: number): number => {
  if (/^\d+$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
};

const numberWithin = (name: string, text: string, min: number, max: number): number => {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) >= min && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be a number from ${min} to ${max}, not ${JSON.stringify(text)}`);
};

const url = (
  name: string,
  text: string | undefined,
  protocol: RegExp,
  example: string,
): string | undefined => {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && protocol.test(new URL(text).protocol)) return text;
  // The value may hold a password: it is not repeated.
  throw new Error(`${name} must be a URL such as ${example}`);
};
