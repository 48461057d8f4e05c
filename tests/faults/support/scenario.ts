import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { PrivateStack } from "../../harness/private-stack.ts";
import { until } from "../../harness/until.ts";
import { type Failure, insist, type Persistence } from "./attempt.ts";
import { accountForEvents, type EventAccount } from "./event-account.ts";
import { createEventLedger, type SentEvent } from "./event-ledger.ts";
import { type Accepted, acceptOffers } from "./journeys.ts";
import { accountForOffers, fateOf, type OfferFate } from "./offer-account.ts";
import { deliver, type Sender, startTraffic } from "./traffic.ts";

const PEOPLE = 8;
const EVENTS_PER_SECOND = 120;
const BEFORE_MS = 800;
const AFTER_MS = 2_500;
const RESEND_FOR_MS = 25_000;
// What a killed worker had in hand comes again after the ack deadline.
const SETTLE_WITHIN_MS = 60_000;
// Enough of a calm life for an approval, whatever the traffic adds later.
const FIRST_EMOTIONS = 2;
const FIRST_TRANSACTIONS = 8;

/** What the clients saw while the fault was there, and what they find afterwards. */
export type Outcome = {
  readonly users: readonly string[];
  readonly failures: readonly Failure[];
  readonly events: EventAccount;
  readonly offers: readonly OfferFate[];
  readonly expectedOffers: readonly OfferFate[];
  readonly acknowledged: number;
  readonly outboxRows: number;
};

/** Steady traffic and eight people on their way to a limit; in the midst of it a fault, then all is counted. */
export const runUnderFault = async (
  stack: PrivateStack,
  sql: Sql,
  fault: () => Promise<void>,
): Promise<Outcome> => {
  const { baseUrl, internalKey, natsUrl } = stack.file();
  let giveUpAt = Number.POSITIVE_INFINITY;
  const failures: Failure[] = [];
  const persistence: Persistence = { baseUrl, failures, giveUpAt: () => giveUpAt };
  const ledger = createEventLedger();
  const people = await Promise.all(Array.from({ length: PEOPLE }, () => enrol(persistence)));
  const users = people.map(({ id }) => id);
  const openings = people.flatMap((person) => [
    ...Array.from({ length: FIRST_EMOTIONS }, () => ({ person, event: ledger.open("emotion", person.id) })),
    ...Array.from({ length: FIRST_TRANSACTIONS }, () => ({
      person,
      event: ledger.open("transaction", person.id),
    })),
  ]);
  await Promise.all(
    openings.map(({ person, event }) => deliver({ internalKey, persistence }, person, event)),
  );
  await untilNothingIsLost(sql, users, ledger.events());
  failures.length = 0;

  const traffic = startTraffic({
    ledger,
    senders: people,
    internalKey,
    persistence,
    eventsPerSecond: EVENTS_PER_SECOND,
  });
  const journeys = acceptOffers(people, BEFORE_MS + AFTER_MS, persistence);
  await sleep(BEFORE_MS);
  await fault();
  await sleep(AFTER_MS);
  giveUpAt = Date.now() + RESEND_FOR_MS;
  const [accepted] = await Promise.all([journeys, traffic.stop()]);

  await untilSettled(sql, users, ledger.events(), accepted);
  return {
    users,
    failures,
    events: await accountForEvents(sql, users, ledger.events()),
    offers: await accountForOffers(sql, natsUrl, accepted),
    expectedOffers: accepted.map(fateOf),
    acknowledged: ledger.events().filter(({ acknowledged }) => acknowledged).length,
    outboxRows: await outboxRows(sql),
  };
};

const enrol = async (persistence: Persistence): Promise<Sender> => {
  const json = { email: `fault-${randomUUID()}@example.com`, password: "correct-horse-battery" };
  const registered = await insist<{ id: string }>(
    persistence,
    { method: "POST", path: "/v1/auth/register", json },
    ({ status }) => status === 201,
  );
  const loggedIn = await insist<{ access_token: string }>(
    persistence,
    { method: "POST", path: "/v1/auth/login", json },
    ({ status }) => status === 200,
  );
  if (!registered || !loggedIn) throw new Error("nobody could register");
  return { id: registered.body.id, token: loggedIn.body.access_token };
};

const untilNothingIsLost = (sql: Sql, users: string[], events: readonly SentEvent[]): Promise<boolean> =>
  until(async () => (await accountForEvents(sql, users, events)).lost.length === 0, {
    within: SETTLE_WITHIN_MS,
    every: 100,
    what: "every acknowledged event in the database",
  });

// What does not settle in time is named, one by one, by the account that follows.
const untilSettled = async (
  sql: Sql,
  users: string[],
  events: readonly SentEvent[],
  accepted: readonly Accepted[],
): Promise<void> => {
  try {
    await untilNothingIsLost(sql, users, events);
    await until(async () => (await outboxRows(sql)) === 0 && (await allActive(sql, accepted)), {
      within: SETTLE_WITHIN_MS,
      every: 100,
      what: "every accepted offer active and the outbox empty",
    });
  } catch (error) {
    console.error(String(error));
  }
};

const allActive = async (sql: Sql, accepted: readonly Accepted[]): Promise<boolean> => {
  if (accepted.length === 0) return true;
  const ids = accepted.map(({ offerId }) => offerId);
  const rows = await sql`select id from credit_limits where id in ${sql(ids)} and status = 'active'`;
  return rows.length === accepted.length;
};

const outboxRows = async (sql: Sql): Promise<number> => {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from outbox`;
  return row?.count ?? 0;
};
