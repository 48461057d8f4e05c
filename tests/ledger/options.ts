import { parseArgs } from "node:util";

export type Options = {
  readonly operations: number;
  /** Operations until the next ledger, empty and with people of its own, takes over. */
  readonly perLedger: number;
  readonly batch: number;
  readonly seed: number;
};

export const HELP = `npm run ledger:model -- [options]

Puts random operations (transfers, purchases, captures, voids, expiry, changes of accounts; some wrong, some sent again)
to the functions of a private PostgreSQL and to a model of the ledger in plain TypeScript. After each batch every
answer, account, transfer and hold must be the model's, and every rule of npm run ledger:verify must hold.

  --operations N   in all, 1 to 100000000 (1000000)
  --per-ledger N   until the next ledger, with the next seed, takes over (10000): looking through a ledger after every
                   batch takes longer the longer it is
  --batch N        largest batch, 1 to 2000 (500)
  --seed N         the first one (the time): the same seed and sizes do the same again
  --help           this text

Exit code: 0 all as the model says; 1 not so, with the seed and what is wrong; 2 wrong options.`;

/** @returns undefined when help is asked for @throws Error naming the option that is wrong and what it may be */
export const parseOptions = (args: readonly string[], now: number): Options | undefined => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      operations: { type: "string", default: "1000000" },
      "per-ledger": { type: "string", default: "10000" },
      batch: { type: "string", default: "500" },
      seed: { type: "string", default: String(Math.trunc(now / 1_000) * 1_000) },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    operations: whole("--operations", values.operations, 100_000_000),
    perLedger: whole("--per-ledger", values["per-ledger"], 100_000_000),
    batch: whole("--batch", values.batch, 2_000),
    seed: whole("--seed", values.seed, Number.MAX_SAFE_INTEGER),
  };
};

const whole = (name: string, text: string, max: number): number => {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= max) return Number(text);
  throw new Error(`${name} must be a whole number from 1 to ${max}, not ${JSON.stringify(text)}`);
};
