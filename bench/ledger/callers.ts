import { randomInt, randomUUID } from "node:crypto";
import { uuidv7 } from "uuidv7";
import pino from "pino";
import { closeDatabase } from "../../platform/database/connect.ts";
import { createHolds } from "../../ledger-service/actions/holds.ts";
import { createPost } from "../../ledger-service/actions/post.ts";
import { openLanes } from "../../ledger-service/lanes.ts";
import type { WarmSide } from "../bench.ts";
import { countCpu } from "../measure/cpu.ts";
import type { Lent } from "../system/lender.ts";
import { accountId, HEADERS, LINES, WALLETS } from "./scripts.ts";

const WARM_UP_SECONDS = 3;
const HASH = "01".repeat(32);

export type CallersOptions = {
  readonly postgres: Lent;
  readonly callers: number;
  readonly seconds: number;
  /** Before a round. */
  readonly settle: () => Promise<void>;
};

/** One operation; resolves with the status that its caller is answered. */
type Operation = () => Promise<{ status: number }>;

/**
 * Callers in this process, each of which asks again once it is answered, by the service's own group commit: what came
 * while a commit was under way makes the next one.
 */
export const openCallers = ({ postgres, callers, seconds, settle }: CallersOptions) => {
  const wakeRelay = (): void => {};
  const lanes = openLanes(1, { url: postgres.url, name: "callers" }, pino({ level: "silent" }));
  const post = createPost({ lanes, wakeRelay });
  const holds = createHolds({
    sql: lanes.sql,
    lanes: { purchases: lanes, captures: lanes, voids: lanes },
    wakeRelay,
    policy: STANDARD_POLICY,
  });

  const side = (name: string, operation: Operation): WarmSide => ({
    name,
    unit: "transfers",
    warmUp: () => callFor(operation, callers, WARM_UP_SECONDS),
    measure: async () => {
      await settle();
      const used = countCpu([
        { name: "callers", pid: process.pid },
        { name: "postgres", pid: postgres.pid },
      ]);
      const { count, took } = await callFor(operation, callers, seconds);
      return { count, seconds: took, cpu: used() };
    },
  });

  const transfer = (source: number, destination: number): ReturnType<Operation> =>
    post.submit({
      ...newContext("/v1/transfers"),
      source: accountId(source),
      destination: accountId(destination),
      amount: "0.01",
      type: "transfer",
      reference: undefined,
    });
  return {
    posting: (name: string) =>
      side(name, () => {
        const source = randomInt(WALLETS);
        const destination = (source + randomInt(1, WALLETS)) % WALLETS;
        return transfer(source + 1, destination + 1);
      }),
    hot: (name: string) => side(name, () => transfer(0, randomInt(1, WALLETS + 1))),
    hold: (name: string) =>
      side(name, () =>
        holds.authorize({
          ...newContext("/v1/authorizations"),
          owner: accountId(WALLETS + randomInt(1, LINES + 1)),
          partner: null,
          external: null,
          amount: "0.01",
          currency: "USD",
          seconds: 600,
          group: null,
          automatic: false,
        }),
      ),
    stop: async (): Promise<void> => {
      await Promise.all([post.stop(), holds.stop()]);
      await closeDatabase(lanes.sql);
    },
  };
};

// As the service starts with.
const STANDARD_POLICY = { maxAmount: "10000", velocity: { seconds: 60, count: 30, amount: "20000" } };

const newContext = (instance: string) => ({
  id: uuidv7(),
  scope: "platform",
  key: randomUUID(),
  hash: HASH,
  reference: null,
  requestId: "bench",
  headers: HEADERS,
  instance,
});

const callFor = async (
  operation: Operation,
  callers: number,
  seconds: number,
): Promise<{ count: number; took: number }> => {
  const begin = performance.now();
  const end = begin + seconds * 1_000;
  let count = 0;
  const call = async (): Promise<void> => {
    while (performance.now() < end) {
      const { status } = await operation();
      if (status !== 201) throw new Error(`an operation was answered with ${status}`);
      count++;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return { count, took: (performance.now() - begin) / 1_000 };
};
