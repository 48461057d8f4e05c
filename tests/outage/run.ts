import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { Agent } from "undici";
import { consumers } from "../../contracts/streams.ts";
import { type Arena, openArena } from "../chaos/arena.ts";
import { backlogOf, untilQuiet } from "../chaos/check/quiet.ts";
import { createClient } from "../chaos/clients/client.ts";
import { createObserver } from "../chaos/clients/observer.ts";
import { settlePeople } from "../chaos/clients/people.ts";
import { accountForEvents, type EventAccount } from "../faults/support/event-account.ts";
import { createEventLedger } from "../faults/support/event-ledger.ts";
import { judgeMemory, type MemoryRow } from "./judge-memory.ts";
import type { Options } from "./options.ts";
import { startSteadyTraffic } from "./steady-traffic.ts";
import { type Watched, watchMemory } from "./watch-memory.ts";

export type Report = {
  readonly memory: readonly MemoryRow[];
  readonly sent: number;
  readonly acknowledged: number;
  readonly requests: number;
  /** How requests ended that brought no 202, and how often. */
  readonly errors: Readonly<Record<string, number>>;
  /** Messages that waited when the database came back, and how long it took until the traffic had none ahead of it. */
  readonly backlog: number;
  readonly drainedInMs: number;
  readonly events: EventAccount;
};

const PEOPLE = 400;
const RESEND_FOR_MS = 30_000;
const CONNECTIONS = 512;
const WARM_UP_FACTOR = 2;
const TELEMETRY = [consumers.emotionProcessing, consumers.transactionProcessing];
// What the traffic itself has on its way at any moment.
const CAUGHT_UP_SECONDS = 0.5;

/** Traffic, then the same without a database, then with it again until all is stored. */
export const runOutage = async (options: Options, say: (line: string) => void): Promise<Report> => {
  say("starting a stack…");
  await using arena = await openArena({ cluster: false });
  const sql = postgres(arena.databaseUrl, { max: 4, connect_timeout: 5, onnotice: () => {} });
  const dispatcher = new Agent({ connections: CONNECTIONS });
  try {
    return await runIn(arena, sql, dispatcher, options, say);
  } finally {
    await Promise.all([sql.end({ timeout: 1 }), dispatcher.destroy()]);
  }
};

const runIn = async (
  arena: Arena,
  sql: Sql,
  dispatcher: Agent,
  { minutes, warmUpMinutes, rate }: Options,
  say: (line: string) => void,
): Promise<Report> => {
  const { baseUrl, internalKey } = arena.stack.file();
  const people = await settlePeople(sql, PEOPLE, arena.stack.secrets().jwtSecret);
  let giveUpAt = Number.POSITIVE_INFINITY;
  const observer = createObserver(Date.now);
  const client = createClient({
    origin: baseUrl,
    dispatcher,
    observer,
    giveUpAt: () => giveUpAt,
    // It is counted with the errors, and its event stays without an acknowledgement.
    refused: () => {},
  });
  const ledger = createEventLedger();
  // So that every process has grown to what it needs before anybody looks.
  let pace = WARM_UP_FACTOR * rate;
  const stopTraffic = startSteadyTraffic({
    client,
    internalKey,
    ledger,
    senders: people,
    rate: () => pace,
  });
  say(`${pace} events a second with the database, ${warmUpMinutes} min…`);
  await sleep(warmUpMinutes * 60_000);

  pace = rate;
  say(`${pace} events a second; PostgreSQL is stopped for ${minutes} min…`);
  const { server } = arena.servers.get("postgres")!;
  await server.stop();
  const stopWatching = watchMemory(processesOf(arena), Date.now);
  await sleep(minutes * 60_000);
  const memory = judgeMemory(stopWatching());

  const backlog = await backlogOf(arena.natsUrl(), TELEMETRY);
  say(`PostgreSQL is started again; ${backlog} messages wait…`);
  await server.restart();
  const began = performance.now();
  while ((await backlogOf(arena.natsUrl(), TELEMETRY)) > rate * CAUGHT_UP_SECONDS) await sleep(50);
  const drainedInMs = performance.now() - began;

  giveUpAt = Date.now() + RESEND_FOR_MS;
  await stopTraffic();
  await untilQuiet(sql, arena.natsUrl);
  const users = people.map(({ id }) => id);
  const window = observer.windows()[0]!;
  return {
    memory,
    sent: ledger.events().length,
    acknowledged: ledger.events().filter(({ acknowledged }) => acknowledged).length,
    requests: window.requests,
    errors: Object.fromEntries(window.errors),
    backlog,
    drainedInMs,
    events: await accountForEvents(sql, users, ledger.events()),
  };
};

const processesOf = ({ stack, servers }: Arena): Watched[] => [
  ...stack.file().processes,
  ...[...servers].flatMap(([name, { server }]) => (name === "postgres" ? [] : [{ name, pid: server.pid }])),
];
