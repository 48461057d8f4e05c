import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { streams } from "../../contracts/streams.ts";
import { freshDatabase } from "../../tests/harness/database.ts";
import { startNatsCluster } from "../../tests/harness/nats-cluster.ts";
import { startProcess } from "../../tests/harness/processes.ts";
import { until } from "../../tests/harness/until.ts";
import { createLogger } from "../observability/logger.ts";
import { connectBroker } from "./connect.ts";
import { ensureStream } from "./provision-streams.ts";
import { withLeader } from "./with-leader.ts";

const GATEWAY_KEY = "gateway-key-of-the-leader-loss-test";
const SENDERS = 12;
const EVERY_MS = 40;
const ELECTIONS_MS = 80_000;

const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });

const emotion = (userId: string, eventId: string): string =>
  JSON.stringify({
    userId,
    eventId,
    timestamp: new Date().toISOString(),
    emotionEvent: { type: "calm", metrics: { positivity: 0.5, intensity: 0.25, stress_level: 0.125 } },
  });

/** Sends events without pause to one intake, and notes how each was answered and when. */
const startSending = (url: string) => {
  const answers: { eventId: string; userId: string; status: number; at: number }[] = [];
  const stopping = new AbortController();
  const users = Array.from({ length: SENDERS }, () => randomUUID());
  const send = async (userId: string, sender: number): Promise<void> => {
    for (let n = 0; !stopping.signal.aborted; n++) {
      const eventId = `${sender}-${n}`;
      const response = await fetch(`${url}/v1/emotions/stream`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          "x-gateway-key": GATEWAY_KEY,
          "x-caller-kind": "internal",
          "x-caller-id": "test",
        },
        body: emotion(userId, eventId),
      });
      await response.text();
      answers.push({ eventId, userId, status: response.status, at: performance.now() });
      await sleep(EVERY_MS);
    }
  };
  const finished = Promise.all(users.map(send));
  return {
    answers,
    stop: async () => {
      stopping.abort();
      await finished;
      return answers;
    },
  };
};

const longestGap = (times: readonly number[]): number =>
  Math.max(...times.map((time, index) => time - (times[index - 1] ?? time)));

test(
  "a killed stream leader loses nothing acknowledged and doubles no effect, and publishing goes on under the next one",
  { timeout: 240_000 },
  async () => {
    await using cluster = await startNatsCluster();
    await using database = await freshDatabase();
    const env = { NATS_URL: cluster.url, STREAM_REPLICAS: "3", LOG_LEVEL: "warn" };
    // They start while the cluster is still choosing its leader.
    await using intake = await startProcess("ingestion/main.ts", {
      ...env,
      INGESTION_ROLE: "emotion",
      GATEWAY_KEY,
    });
    await using worker = await startProcess("workers/emotion-processing/main.ts", {
      ...env,
      DATABASE_URL: database.url,
      RETRY_BASE_MS: "200",
    });
    const broker = await connectBroker({ url: cluster.url, name: "test" }, logger);
    await withLeader(() => ensureStream(broker.jsm, streams.EMOTIONS, 3, logger));

    const sender = startSending(intake.url);
    await until(() => sender.answers.length > 200, { what: "events before the kill" });
    const leader = await cluster.leaderOf(broker.jsm, "EMOTIONS");
    const killedAt = performance.now();
    await leader.kill();
    const again = (): boolean =>
      sender.answers.some(({ at, status }) => status === 202 && at > killedAt + 500);
    // An election takes 4 to 9 s from the last heartbeat; seldom a second one is needed, and a third.
    await until(again, { within: ELECTIONS_MS, what: "an acknowledgement after the kill" });
    const before = sender.answers.length;
    await until(() => sender.answers.length > before + 300, {
      within: ELECTIONS_MS,
      what: "steady traffic again",
    });
    await leader.restart();
    await sleep(500);
    const answers = await sender.stop();

    const taken = answers.filter(({ status }) => status === 202);
    const refused = answers.filter(({ status }) => status !== 202);
    const gap = longestGap(taken.map(({ at }) => at));
    process.stdout.write(
      `leader killed: ${taken.length} × 202, ${refused.length} × 503, longest gap ${Math.round(gap)} ms\n`,
    );
    expect(refused.filter(({ status }) => status !== 503)).toEqual([]);

    const key = ({ userId, eventId }: { userId: string; eventId: string }): string => `${userId} ${eventId}`;
    const rows = async (): Promise<string[]> =>
      (
        await database.sql<{ key: string }[]>`select user_id || ' ' || event_id as key from emotion_events`
      ).map((row) => row.key);
    const missing = async (): Promise<string[]> => {
      const there = new Set(await rows());
      return taken.map(key).filter((one) => !there.has(one));
    };
    await until(async () => (await missing()).length === 0, {
      within: ELECTIONS_MS,
      what: "every 202 persisted",
    });
    const idle = async (): Promise<boolean> => {
      const info = await broker.jsm.consumers.info("EMOTIONS", "emotion-processing");
      return info.num_pending + info.num_ack_pending === 0;
    };
    await until(idle, { within: ELECTIONS_MS, what: "everything worked off" });

    const persisted = await rows();
    const sent = new Set(answers.map(key));
    expect(new Set(persisted).size).toBe(persisted.length);
    expect(persisted.filter((one) => !sent.has(one))).toEqual([]);
    const [summary] = await database.sql<{ events: number }[]>`
      select sum(event_count)::int as events from emotional_events_summary`;
    expect(summary?.events).toBe(persisted.length);
    expect(worker.running).toBe(true);
    await broker.close();
  },
);
