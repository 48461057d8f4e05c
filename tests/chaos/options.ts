import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { chooseComponents, componentsOf } from "./plan/components.ts";

export type Options = {
  readonly seed: number;
  readonly faults: number;
  /** Events a second, over all. */
  readonly rate: number;
  readonly minutes: number;
  /** Three brokers that the stack runs itself, instead of one behind a link. */
  readonly cluster: boolean;
  /** What may be broken, by name; everything if it is empty. */
  readonly only: readonly string[];
  /** Never two at the same moment. */
  readonly singly: boolean;
  /** Where the JSON report goes. */
  readonly report: string | undefined;
};

export const HELP = `npm run chaos -- [options]

Starts a private stack, drives it through nginx like a few hundred people at once, breaks it by plan, waits for
quiet, and holds it to everything that it acknowledged.

  --seed N       0 to 4294967295; the same seed makes the same plan of faults (random)
  --faults N     how many, 1 to 1000 (20)
  --rate N       telemetry events a second, 20 to 10000 (300); a person accepts an offer every 30 events
  --minutes N    of traffic and faults, 0.1 to 600 (5)
  --cluster      with three brokers, npm start -- --cluster
  --only NAMES   break nothing but these, such as leader, or gateway,postgres (everything)
  --singly       never two at the same moment; otherwise every third fault is a pair
  --report FILE  where the report goes, as JSON (.ecs/chaos-<seed>.json)
  --help         this text

Exit code: 0 all is well; 1 something was lost or doubled, or a rule was broken; 2 wrong options;
130 ended with Ctrl-C.`;

/** @returns undefined when help is asked for @throws Error naming the option that is wrong and what it may be */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string" },
      faults: { type: "string", default: "20" },
      rate: { type: "string", default: "300" },
      minutes: { type: "string", default: "5" },
      cluster: { type: "boolean", default: false },
      only: { type: "string" },
      singly: { type: "boolean", default: false },
      report: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const only = values.only?.split(",") ?? [];
  chooseComponents(componentsOf(values), only);
  return {
    seed: wholeNumber("--seed", values.seed ?? String(randomInt(2 ** 32)), 0, 2 ** 32 - 1),
    faults: wholeNumber("--faults", values.faults, 1, 1_000),
    rate: wholeNumber("--rate", values.rate, 20, 10_000),
    minutes: numberWithin("--minutes", values.minutes, 0.1, 600),
    cluster: values.cluster,
    only,
    singly: values.singly,
    report: values.report,
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
