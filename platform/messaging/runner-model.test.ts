import type { MsgHdrs } from "@nats-io/nats-core";
import fc from "../../tests/harness/fast-check.ts";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Answers } from "./answers.ts";
import type { Broker } from "./connect.ts";
import { createConsumerMetrics } from "./consumer-metrics.ts";
import type { Delivery } from "./delivery.ts";
import { dead, done, retry } from "./outcome.ts";
import type { Handler } from "./outcome.ts";
import { placeInStream } from "./place-in-stream.ts";
import { runBatch } from "./run-batch.ts";
import { createSettle } from "./settle.ts";

const MAX_ATTEMPTS = 4;
const logger = pino({ level: "silent" });

/** What the handler makes of an event, always the same, as with real ones, whose effects are told by identity. */
type Kind = "good" | "refused" | "poison" | "unreadable" | "hopeless" | "breaks" | { patience: number };
const ENDS_DEAD = new Set<Kind>(["refused", "poison", "unreadable", "hopeless", "breaks"]);

const kind: fc.Arbitrary<Kind> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Kind>("good") },
  fc.constantFrom<Kind>("refused", "poison", "unreadable", "hopeless", "breaks"),
  // Wants so many retries, fewer than are permitted.
  fc.record({ patience: fc.integer({ min: 1, max: MAX_ATTEMPTS - 1 }) }),
);

/** A turn of the broker: which messages it delivers together, and what goes wrong. */
const turn = fc.record({
  deliver: fc.array(fc.nat(11), { minLength: 1, maxLength: 6 }),
  trouble: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom("none", "crash", "letters refused") },
    // Each costs the runner's shortest wait.
    { weight: 1, arbitrary: fc.constant("database away") },
  ),
});
type Turn = { deliver: number[]; trouble: string };

const scenario = fc.record({
  messages: fc.array(fc.array(kind, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
  turns: fc.array(turn, { maxLength: 8 }),
});

type Event = { id: string };

/** A broker, a database and the events between them, as far as the runner can tell. */
const createWorld = (kinds: Kind[][]) => {
  const stored = kinds.map((lines, m) => ({ seq: m + 1, lines, deliveries: 0, settled: 0 }));
  const effects = new Set<string>();
  const letters = new Map<string, string>();
  const violations: string[] = [];
  const trouble = { crash: false, lettersRefused: false, databaseAway: 0 };
  const idOf = (seq: number, line: number): string => `${seq}/${line}`;
  const lookUp = (id: string) => {
    const [seq, line] = id.split("/").map(Number);
    const message = stored[seq! - 1]!;
    return { message, kind: message.lines[line!]! };
  };

  const js = {
    publish: async (_: string, body: Uint8Array, { headers }: { headers: MsgHdrs }) => {
      if (trouble.lettersRefused) throw new Error("refused");
      // As the broker does within its window: the same id is stored once.
      letters.set(headers.get("Nats-Msg-Id"), Buffer.from(body).toString());
    },
  } as unknown as Broker["js"];

  const handle: Handler<Event> = async (events) => {
    if (trouble.databaseAway-- > 0) throw Object.assign(new Error("away"), { code: "ECONNREFUSED" });
    const kindsOf = events.map(({ id }) => lookUp(id).kind);
    if (kindsOf.includes("poison")) throw Object.assign(new Error("out of range"), { code: "22003" });
    if (kindsOf.includes("breaks")) throw new TypeError("a bug");
    return events.map(({ id }) => {
      const { message, kind } = lookUp(id);
      if (kind === "refused") return dead("refused");
      if (kind === "hopeless") return retry("never");
      if (typeof kind === "object" && message.deliveries <= kind.patience) return retry("not yet");
      effects.add(id);
      return done;
    });
  };

  const bodyOf = (seq: number, line: number, lineKind: Kind): string =>
    lineKind === "unreadable" ? `{"id":"${idOf(seq, line)}` : JSON.stringify({ id: idOf(seq, line) });

  const deliver = (index: number): Delivery => {
    const message = stored[index]!;
    message.deliveries += 1;
    return {
      sequence: message.seq,
      attempt: message.deliveries,
      subject: "s.x",
      ackSubject: `$JS.ACK.S.worker.${message.deliveries}.${message.seq}.1.${message.seq}.0`,
      body: Buffer.from(
        message.lines.map((lineKind, line) => bodyOf(message.seq, line, lineKind)).join("\n"),
      ),
      headerBytes: 0,
      size: message.lines.length,
      ended: false,
      whole: undefined,
    };
  };

  const settle = ({ ackSubject }: Pick<Delivery, "ackSubject">, how: "ack" | "term"): void => {
    const message = stored[placeInStream(ackSubject).sequence - 1]!;
    const endedWith = (line: number): boolean =>
      effects.has(idOf(message.seq, line)) ||
      [...letters.values()].includes(bodyOf(message.seq, line, message.lines[line]!));
    if (trouble.crash) return;
    message.lines.forEach((_, line) => {
      if (how === "ack" && !effects.has(idOf(message.seq, line))) violations.push(`acked early: ${line}`);
      if (!endedWith(line)) violations.push(`${how} before an end: ${message.seq}/${line}`);
    });
    message.settled += 1;
  };
  const answers: Pick<Answers, "ack" | "nak" | "term"> = {
    ack: (delivery) => settle(delivery, "ack"),
    term: (delivery) => settle(delivery, "term"),
    nak: () => {},
  };
  return { stored, effects, letters, violations, trouble, js, handle, deliver, answers, bodyOf, idOf };
};

const play = async (kinds: Kind[][], turns: Turn[]) => {
  const world = createWorld(kinds);
  const metrics = createConsumerMetrics(new Registry());
  const startRunner = () => {
    const settle = createSettle({
      broker: { js: world.js },
      answers: world.answers,
      logger,
      metrics,
      consumer: "worker",
      deadLetterSubject: "dead-letters.S",
      schedule: { baseMs: 1, capMs: 1 },
      maxAttempts: MAX_ATTEMPTS,
    });
    const stopping = new AbortController().signal;
    const decode = (json: unknown) => json as Event;
    const { handle, answers } = world;
    return { logger, metrics, consumer: "worker", decode, handle, settle, answers, stopping };
  };
  let runner = startRunner();
  const open = (): number[] => world.stored.flatMap(({ settled }, n) => (settled === 0 ? [n] : []));
  const run = async ({ deliver, trouble }: Turn): Promise<void> => {
    const waiting = open();
    if (waiting.length === 0) return;
    const chosen = [...new Set(deliver.map((n) => waiting[n % waiting.length]!))];
    world.trouble.crash = trouble === "crash";
    world.trouble.lettersRefused = trouble === "letters refused";
    world.trouble.databaseAway = trouble === "database away" ? 1 : 0;
    await runBatch(
      runner,
      chosen.map((n) => world.deliver(n)),
    );
    // Whoever crashed has forgotten everything.
    if (trouble === "crash") runner = startRunner();
  };
  for (const each of turns) await run(each);
  for (let n = 0; n < MAX_ATTEMPTS + 1; n++)
    await run({ deliver: open().map((_, at) => at), trouble: "none" });
  return world;
};

test("whatever fails, crashes or comes again, every event ends once: done, or in the dead letters", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  await fc.assert(
    fc.asyncProperty(scenario, async ({ messages, turns }) => {
      const world = await play(messages, turns);
      expect(world.violations).toEqual([]);
      expect(world.stored.map(({ settled }) => settled)).toEqual(messages.map(() => 1));
      const ids = messages.flatMap((lines, m) =>
        lines.map((lineKind, line) => ({ m: m + 1, line, lineKind })),
      );
      const buried = [...world.letters.values()].toSorted();
      const mustDie = ids.filter(({ lineKind }) => ENDS_DEAD.has(lineKind));
      expect(buried).toEqual(
        mustDie.map(({ m, line, lineKind }) => world.bodyOf(m, line, lineKind)).toSorted(),
      );
      const mustLive = ids.filter(({ lineKind }) => !ENDS_DEAD.has(lineKind));
      expect([...world.effects].toSorted()).toEqual(
        mustLive.map(({ m, line }) => world.idOf(m, line)).toSorted(),
      );
    }),
    { numRuns: 80 },
  );
});
