import { expect, onTestFinished, test } from "vitest";
import { until } from "../../tests/harness/until.ts";
import { createLogger } from "../observability/logger.ts";
import { type LossWatchDeps, watchForLoss } from "./watch-for-loss.ts";
import type { Witness } from "./witnesses.ts";

const logger = createLogger({ PROCESS_NAME: "test", LOG_LEVEL: "silent" });

type Stored = { storedAt: number; messageId: string };

/** A stream of three copies, as far as the watch asks for it; each has messages of its own. */
const copies = (leader: string, messages: Record<string, Stored[]>) => {
  const state = { leader, asked: 0 };
  const held = (): Stored[] => messages[state.leader]!;
  const jsm = {
    streams: {
      info: () => {
        state.asked++;
        return Promise.resolve({
          config: { num_replicas: 3 },
          cluster: { leader: state.leader },
          state: { last_seq: held().length },
        });
      },
      getMessage: (_stream: string, { seq }: { seq: number }) => {
        const found = held()[seq - 1];
        if (!found) return Promise.resolve(null);
        const header = new Map([["Nats-Msg-Id", found.messageId]]);
        return Promise.resolve({ time: new Date(found.storedAt), header });
      },
    },
    consumers: { info: () => Promise.resolve({ delivered: { stream_seq: 3 } }) },
  };
  const broker = { jsm, connected: () => true, nc: { status: async function* () {} } };
  return { state, broker: broker as unknown as LossWatchDeps["broker"] };
};

const message = (messageId: string, storedAt = 1_000): Stored => ({ messageId, storedAt });
const whole = [message("a"), message("b"), message("c")];

const watch = (
  broker: LossWatchDeps["broker"],
  witnesses: Witness[],
  readAgain: () => Promise<void>,
): { forgotten: () => number } => {
  let forgotten = 0;
  const stop = watchForLoss({
    broker,
    consumer: { stream: "S", name: "worker" },
    witnesses: { all: () => witnesses, forget: () => forgotten++ },
    readAgain,
    logger,
    intervalMs: 5,
  });
  onTestFinished(stop);
  return { forgotten: () => forgotten };
};

const looks = async (state: { asked: number }, more = 10): Promise<void> => {
  const target = state.asked + more;
  await until(() => state.asked >= target, { what: "a few looks" });
};

test.each([
  ["lacks one, so that others have its number", [message("a"), message("c"), message("d")]],
  ["has another, stored in the same millisecond", [message("a"), message("x"), message("c")]],
  ["has the same one, stored again later", [message("a"), message("b", 9_000), message("c")]],
])("a leader whose copy %s has everything read again, once", async (_what, other) => {
  const { state, broker } = copies("one", { one: whole, two: other });
  let again = 0;
  const watched = watch(broker, [{ seq: 2, ...message("b") }], () => Promise.resolve(void again++));
  await looks(state);
  expect(again).toBe(0);
  state.leader = "two";
  await until(() => watched.forgotten() === 1, { what: "the witnesses being of no use any more" });
  await looks(state);
  expect(again).toBe(1);
});

test("a leader with the same copy, or one that holds a witness no longer, is believed", async () => {
  const { state, broker } = copies("one", { one: whole, two: whole });
  let again = 0;
  const witnesses = [
    { seq: 3, ...message("c") },
    { seq: 9, ...message("gone by age") },
  ];
  const watched = watch(broker, witnesses, () => Promise.resolve(void again++));
  await looks(state);
  state.leader = "two";
  await looks(state, 30);
  expect([again, watched.forgotten()]).toEqual([0, 0]);
});

test("reading again is tried until it has come to its end", async () => {
  const { state, broker } = copies("one", { one: whole, two: [message("x")].concat(whole) });
  let tries = 0;
  const watched = watch(broker, [{ seq: 2, ...message("b") }], () =>
    ++tries < 3 ? Promise.reject(new Error("consumer not found")) : Promise.resolve(),
  );
  await looks(state);
  state.leader = "two";
  await until(() => watched.forgotten() === 1, { what: "it being read in the end" });
  expect(tries).toBe(3);
});
