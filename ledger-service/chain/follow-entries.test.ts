import pino from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { freshDatabase } from "../../tests/harness/database.ts";
import { until } from "../../tests/harness/until.ts";
import { KEY, openPair, order } from "../../tests/ledger/chain-links.ts";
import { post } from "../../tests/ledger/drive/post.ts";
import { LINK_SIZE } from "./extend-chain.ts";
import { followEntries } from "./follow-entries.ts";
import { verifyChain } from "./verify-chain.ts";

test("a chain that is behind catches up, and says so", async () => {
  await using database = await freshDatabase({ max: 4 });
  const { sql } = database;
  const pair = await openPair(sql);
  await post(
    sql,
    Array.from({ length: LINK_SIZE + 10 }, () => order(pair)),
    "each",
  );
  const metrics = new Registry();
  const behind = async (): Promise<number | undefined> =>
    (await metrics.getSingleMetric("ledger_chain_lag_entries")?.get())?.values[0]?.value;
  const chain = followEntries({ sql, key: KEY, logger: pino({ level: "silent" }), metrics });
  try {
    await until(async () => (await verifyChain(sql, KEY)).records === 2 + LINK_SIZE + 10, {
      what: "all of it in links",
    });
  } finally {
    await chain.stop();
  }
  // Counted after the first link, and again after the second, which left nothing.
  expect(await behind()).toBe(0);
  expect(await verifyChain(sql, KEY)).toMatchObject({ records: 2 + LINK_SIZE + 10, broken: [] });
});
