import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { streams } from "../../contracts/streams.ts";
import { streamSize } from "../e2e/support/streams.ts";
import { killProcess } from "../harness/kill-process.ts";
import { type PrivateStack, startPrivateStack } from "../harness/private-stack.ts";
import { until } from "../harness/until.ts";
import { CLEAN } from "./support/event-account.ts";
import { whileWritesAreHeld } from "./support/held-writes.ts";
import { type Outcome, runUnderFault } from "./support/scenario.ts";
import { TUNING } from "./support/tuning.ts";

const SERVICES = ["gateway", "emotion-ingestion", "transaction-ingestion", "credit-service", "ml-mock"];
const WORKERS = [
  "emotion-processing",
  "transaction-processing",
  "credit-application",
  "credit-lines",
  "authorization-saga",
  "outbox-relay",
  "dead-letter",
];
const BACK_WITHIN_MS = 30_000;
const SILENT_MS = 2_500;

describe("what was accepted has its effect exactly once, and nothing else has,", { timeout: 150_000 }, () => {
  let stack: PrivateStack;
  let sql: postgres.Sql;
  const everybody: string[] = [];

  beforeAll(async () => {
    stack = await startPrivateStack(TUNING);
    sql = postgres(stack.file().databaseUrl, { max: 3, connect_timeout: 5, onnotice: () => {} });
  }, 120_000);
  afterAll(async () => {
    await sql?.end({ timeout: 1 });
    await stack?.[Symbol.asyncDispose]();
  }, 60_000);

  const runAndCheck = async (fault: () => Promise<void>): Promise<Outcome> => {
    const outcome = await runUnderFault(stack, sql, fault);
    everybody.push(...outcome.users);
    expect(outcome.events).toEqual(CLEAN);
    expect(outcome.offers).toEqual(outcome.expectedOffers);
    expect(outcome.offers).toHaveLength(outcome.users.length);
    expect(outcome.outboxRows).toBe(0);
    expect(outcome.acknowledged).toBeGreaterThan(200);
    return outcome;
  };

  /** Kills every replica of these at the same moment and waits until each is there again. */
  const killAll = async (...names: string[]): Promise<void> => {
    const victims = names.flatMap((name) => stack.replicasOf(name));
    expect(victims.length).toBeGreaterThanOrEqual(names.length);
    for (const { pid } of victims) killProcess(pid);
    await Promise.all(victims.map(untilReplaced));
  };

  const untilReplaced = ({ name, pid }: { name: string; pid: number }): Promise<boolean> =>
    until(() => stack.file().processes.some((found) => found.name === name && found.pid !== pid), {
      within: BACK_WITHIN_MS,
      what: `another process for ${name}`,
    });

  it.each(["postgres", "nats", "credit-service", "ml-mock"])(
    "when %s is killed under traffic",
    async (name) => {
      await runAndCheck(() => killAll(name));
    },
  );

  it.each(["nginx", "gateway", "emotion-ingestion", "transaction-ingestion"])(
    "when %s is killed under traffic, and clients send again what failed",
    async (name) => {
      const { failures } = await runAndCheck(() => killAll(name));
      expect(failures.length).toBeGreaterThan(0);
    },
  );

  // The server finishes the statements of the dead: their batches come again and must be known.
  it("when every worker is killed with batches in hand, which no client notices", async () => {
    const { failures } = await runAndCheck(() =>
      whileWritesAreHeld(stack.file().databaseUrl, () => killAll(...WORKERS)),
    );
    expect(failures).toEqual([]);
  });

  // Nothing of the batches is written: they come again, because nobody has acknowledged them.
  it("when every worker and postgres are killed at the same moment with batches in hand", async () => {
    await runAndCheck(() =>
      whileWritesAreHeld(stack.file().databaseUrl, () => killAll("postgres", ...WORKERS)),
    );
  });

  it("when redis is killed under traffic, which no client notices", async () => {
    const { failures } = await runAndCheck(() => killAll("redis"));
    expect(failures).toEqual([]);
  });

  it("when redis goes silent under traffic, which no client notices", async () => {
    const { failures } = await runAndCheck(async () => {
      const [redis] = stack.replicasOf("redis");
      if (!redis) throw new Error("there is no redis");
      process.kill(redis.pid, "SIGSTOP");
      await sleep(SILENT_MS);
      process.kill(redis.pid, "SIGCONT");
    });
    expect(failures).toEqual([]);
  });

  it("when one replica of each service after the other is killed", async () => {
    await runAndCheck(async () => {
      for (const name of SERVICES) {
        const [victim] = stack.replicasOf(name);
        if (!victim) throw new Error(`there is no ${name}`);
        killProcess(victim.pid);
        await untilReplaced(victim);
      }
    });
  });

  it("and at the end of it all the database holds nothing of anybody else, and no event is a dead letter", async () => {
    const strangers = await sql`
      select distinct user_id from (
        select user_id from emotion_events union all select user_id from transactions
        union all select user_id from credit_limits union all select user_id from notifications
      ) anything
      where user_id <> all(${[...everybody, stack.file().demo.userId]}::uuid[])`;
    expect(strangers).toEqual([]);
    expect(await streamSize(stack.file().natsUrl, streams.DEAD_LETTERS.name)).toBe(0);
  });
});
