import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { streams } from "../../contracts/streams.ts";
import { type Broker, connectBroker } from "../../platform/messaging/connect.ts";
import { ensureStream } from "../../platform/messaging/provision-streams.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { type FreshDatabase, freshDatabase } from "../../tests/harness/database.ts";
import { type Server, startNats } from "../../tests/harness/servers.ts";
import { until } from "../../tests/harness/until.ts";
import { post } from "../../tests/ledger/drive/post.ts";
import { describeHeads } from "../verify/describe.ts";
import { KEY, extendBy, openPair, order } from "../../tests/ledger/chain-links.ts";
import { publishHead, publishHeads } from "./publish-heads.ts";
import { readHeads } from "./read-heads.ts";
import { verifyChain } from "./verify-chain.ts";
import { verifyHeads } from "./verify-heads.ts";

const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });

let nats: Server;
let broker: Broker;
let database: FreshDatabase;
let sql: FreshDatabase["sql"];
beforeAll(async () => {
  [nats, database] = await Promise.all([startNats(), freshDatabase({ max: 4 })]);
  sql = database.sql;
  broker = await connectBroker({ url: nats.url, name: "test" }, logger);
});
afterAll(async () => {
  await broker.close();
  await Promise.all([nats[Symbol.asyncDispose](), database[Symbol.asyncDispose]()]);
});

const look = async () => verifyHeads(sql, await readHeads(broker, new AbortController().signal));
const link = async (): Promise<void> => {
  await sql.begin(async (tx) => post(tx, [order(await openPair(tx))], "each"));
  await extendBy(sql, 3);
};

describe("the chain's head, kept outside of the database", () => {
  test("a chain without any is broken once it has been there for a minute", async () => {
    expect(await look()).toEqual({ heads: 0, last: undefined, broken: [] });
    await link();
    expect(await look()).toMatchObject({ broken: [] });
    await sql`update ledger_chain set made_at = made_at - interval '61 seconds'`;
    const finding = await look();
    expect(finding.broken).toEqual([
      { link: "1", detail: "is there, and no head is kept outside of the database" },
    ]);
    expect(describeHeads(finding)).toMatch(/^BROKEN .*0 heads\n +link 1: is there/);
    await ensureStream(broker.jsm, streams.LEDGER_CHAIN, 1, logger);
    expect((await look()).broken).toHaveLength(1);
  });

  test("is published once, whoever does it, and again when the chain has grown", async () => {
    expect(await publishHead(sql, broker)).toMatchObject({ state: "published", head: { link: "1" } });
    expect(await publishHead(sql, broker)).toMatchObject({ state: "known", head: { link: "1" } });
    await link();
    await link();
    expect(await publishHead(sql, broker)).toMatchObject({ state: "published", head: { link: "3" } });
    const finding = await look();
    expect(finding).toEqual({ heads: 2, last: "3", broken: [] });
    expect(describeHeads(finding)).toMatch(/^ok .*2 heads, up to link 3$/);
  });

  test("tells that the newest links and their records were cut off, also when others have grown in their place", async () => {
    await sql.begin(async (tx) => {
      await tx`
        delete from ledger_transfers as t using ledger_chain as c where c.link = 1 and t.xid > c.last_xid`;
      await tx`
        delete from ledger_account_changes as a using ledger_chain as c where c.link = 1 and a.xid > c.last_xid`;
      await tx`delete from ledger_chain where link > 1`;
    });
    // The chain alone knows nothing of it.
    expect(await verifyChain(sql, KEY)).toMatchObject({ links: 1, records: 3, broken: [] });
    const cut = await look();
    expect(cut.broken).toEqual([
      { link: "3", detail: "its hash was published, and the chain does not have it" },
    ]);
    expect(describeHeads(cut)).toMatch(/^BROKEN .*\n +link 3: its hash was published/);
    expect(await publishHead(sql, broker)).toMatchObject({ state: "lost", head: { link: "3" } });

    await link();
    await link();
    expect(await verifyChain(sql, KEY)).toMatchObject({ links: 3, broken: [] });
    expect((await look()).broken).toEqual([
      { link: "3", detail: "was published with another hash than the chain has" },
    ]);
    expect(await publishHead(sql, broker)).toMatchObject({ state: "lost", head: { link: "3" } });
    expect(await look()).toMatchObject({ heads: 2 });
  });

  test("gauges say that it is lost, and how long nothing was published, until the heads are forgotten", async () => {
    const metrics = new Registry();
    let reached: Broker | undefined;
    const heads = publishHeads({ sql, broker: () => reached, logger, metrics });
    const shows = (line: RegExp) =>
      until(async () => line.test(await metrics.metrics()), { what: `a metric like ${line}` });
    try {
      await shows(/^ledger_chain_head_lost 0$/m);
      reached = broker;
      heads.wake();
      await shows(/^ledger_chain_head_lost 1$/m);
      await link();
      heads.wake();
      await shows(/^ledger_chain_unpublished_seconds (0\.[0-9]*[1-9]|[1-9])/m);
      await broker.jsm.streams.purge(streams.LEDGER_CHAIN.name);
      heads.wake();
      await shows(/^ledger_chain_head_lost 0$/m);
      await shows(/^ledger_chain_unpublished_seconds 0$/m);
      expect(await look()).toMatchObject({ heads: 1, last: "4", broken: [] });
    } finally {
      await heads.stop();
    }
  });
});
