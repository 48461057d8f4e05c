import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { streams } from "../../contracts/streams.ts";
import { streamSize } from "../e2e/support/streams.ts";
import { type PrivateStack, startPrivateStack } from "../harness/private-stack.ts";
import { until } from "../harness/until.ts";
import { CLEAN } from "./support/event-account.ts";
import { type Outcome, runUnderFault } from "./support/scenario.ts";

// Everything waits in fractions of what it waits for in production, and no quota is in the way of the traffic.
const TUNING = {
  RETRY_BASE_MS: "100",
  BREAKER_RESET_MS: "1000",
  RATE_LIMIT_PER_SECOND: "100000",
  RATE_LIMIT_BURST: "1000000",
  AUTH_RATE_LIMIT_PER_SECOND: "10000",
  AUTH_RATE_LIMIT_BURST: "100000",
};

const BACK_WITHIN_MS = 30_000;
const SILENT_MS = 2_500;

describe("what was accepted has its effect exactly once, and nothing else has,", { timeout: 90_000 }, () => {
  let stack: PrivateStack;
  let sql: postgres.Sql;
  const everybody: string[] = [];

  beforeAll(async () => {
    stack = await startPrivateStack(TUNING);
    sql = postgres(stack.file().databaseUrl, { max: 3, connect_timeout: 2, onnotice: () => {} });
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

  /** Kills every replica at the same moment and waits until each is there again. */
  const killAll = async (name: string): Promise<void> => {
    const victims = stack.replicasOf(name);
    expect(victims.length).toBeGreaterThan(0);
    for (const { pid } of victims) process.kill(pid, "SIGKILL");
    const old = new Set(victims.map(({ pid }) => pid));
    await until(
      () => {
        const now = stack.replicasOf(name);
        return now.length === victims.length && now.every(({ pid }) => !old.has(pid));
      },
      { within: BACK_WITHIN_MS, what: `another process for each ${name}` },
    );
  };

  it.each([
    "postgres",
    "nats",
    "nginx",
    "gateway",
    "emotion-ingestion",
    "transaction-ingestion",
    "credit-service",
    "ml-mock",
  ])("when %s is killed under traffic", async (name) => {
    await runAndCheck(() => killAll(name));
  });

  it.each(["redis", "emotion-processing", "transaction-processing", "credit-application", "outbox-relay"])(
    "when %s is killed under traffic, which no client notices",
    async (name) => {
      const { failures } = await runAndCheck(() => killAll(name));
      expect(failures).toEqual([]);
    },
  );

  it("when redis goes silent under traffic, which no client notices", async () => {
    const { failures } = await runAndCheck(async () => {
      const [redis] = stack.replicasOf("redis");
      process.kill(redis?.pid ?? 0, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, SILENT_MS));
      process.kill(redis?.pid ?? 0, "SIGCONT");
    });
    expect(failures).toEqual([]);
  });

  it("when one replica of every service is killed after the other", async () => {
    await runAndCheck(async () => {
      for (const name of [
        "gateway",
        "emotion-ingestion",
        "transaction-ingestion",
        "credit-service",
        "ml-mock",
      ]) {
        const [first] = stack.replicasOf(name);
        process.kill(first?.pid ?? 0, "SIGKILL");
        await until(
          () =>
            stack
              .replicasOf(name)
              .some(({ pid, name: replica }) => replica === first?.name && pid !== first.pid),
          {
            within: BACK_WITHIN_MS,
            what: `another process for ${first?.name}`,
          },
        );
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
