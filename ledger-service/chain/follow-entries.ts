import { Gauge, type Registry } from "prom-client";
import type { Logger } from "pino";
import type { Sql } from "../../platform/database/connect.ts";
import { type Repetition, repeat } from "../../platform/lifecycle/repeat.ts";
import { lastLink } from "../sql/chain.ts";
import { chainLag } from "../sql/chain-records.ts";
import { LINK_SIZE, endOf, extendChain } from "./extend-chain.ts";

const EVERY_MS = 1_000;
/** Beyond so many the rest is not counted. */
const MOST_COUNTED = 100_000;

type Deps = { readonly sql: Sql; readonly key: string; readonly logger: Logger; readonly metrics: Registry };

/** Keeps the hash chain close behind what it covers, and says how far behind it is. Every replica may do it. */
export const followEntries = ({ sql, key, logger, metrics }: Deps): Repetition => {
  const behind = new Gauge({
    name: "ledger_chain_lag_entries",
    help: "Records in no link of the hash chain yet, counted up to 100,000",
    registers: [metrics],
  });
  const seconds = new Gauge({
    name: "ledger_chain_lag_seconds",
    help: "Age of the oldest record that is in no link of the hash chain",
    registers: [metrics],
  });
  let counted = -Infinity;
  return repeat(logger, "hash chain", EVERY_MS, async () => {
    const covered = await extendChain(sql, key);
    // Counting what is left takes longer than a link: not after each of those that catch up.
    if (covered === LINK_SIZE && performance.now() - counted < EVERY_MS) return true;
    counted = performance.now();
    const lag = await chainLag(sql, endOf(await lastLink(sql)), MOST_COUNTED);
    behind.set(lag.entries);
    seconds.set(lag.seconds);
    return covered === LINK_SIZE;
  });
};
