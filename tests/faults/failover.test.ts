import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { expect, it } from "vitest";
import { startPrivateStack } from "../harness/private-stack.ts";
import { startPostgres } from "../harness/servers.ts";
import { startSynchronousStandby } from "../harness/standby.ts";
import { startTcpProxy } from "../harness/tcp-proxy.ts";
import { CLEAN } from "./support/event-account.ts";
import { runUnderFault } from "./support/scenario.ts";
import { TUNING } from "./support/tuning.ts";

const SERVER = { durable: true, sharedBuffers: "64MB", maxConnections: 200 };
// So long the standby answers, and refuses every write.
const READ_ONLY_MS = 1_000;

it(
  "when the primary is killed under traffic and its synchronous standby takes over, nothing is lost or doubled",
  { timeout: 300_000 },
  async () => {
    await using primary = await startPostgres(SERVER);
    await using link = await startTcpProxy(primary.port);
    const linked = new URL(primary.databaseUrl);
    linked.port = String(link.port);
    await using stack = await startPrivateStack({ ...TUNING, DATABASE_URL: linked.href });
    await using standby = await startSynchronousStandby(primary, SERVER);
    const sql = postgres(linked.href, { max: 3, connect_timeout: 5, onnotice: () => {} });
    try {
      const outcome = await runUnderFault(stack, sql, async () => {
        await primary.kill("SIGKILL");
        link.aim(standby.port);
        await sleep(READ_ONLY_MS);
        await standby.promote();
      });
      expect(outcome.events).toEqual(CLEAN);
      expect(outcome.offers).toEqual(outcome.expectedOffers);
      expect(outcome.offers).toHaveLength(outcome.users.length);
      expect(outcome.outboxRows).toBe(0);
      expect(outcome.acknowledged).toBeGreaterThan(200);
      // It is the standby that holds all this.
      expect(primary.running).toBe(false);
    } finally {
      await sql.end({ timeout: 1 });
    }
  },
);
