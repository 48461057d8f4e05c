import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { sql } from "../e2e/support/database.ts";
import { accountForEvents, CLEAN, type EventAccount } from "./support/event-account.ts";
import { createEventLedger, type EventLedger, type SentEvent } from "./support/event-ledger.ts";

// The count that the fault tests trust: it must see each kind of harm.
describe("the account of events", () => {
  let userId: string;
  let ledger: EventLedger;
  beforeEach(() => {
    userId = randomUUID();
    ledger = createEventLedger();
  });

  const acknowledged = (): SentEvent =>
    Object.assign(ledger.open("transaction", userId), { acknowledged: true });

  const store = ({ eventId, value, sentAt }: SentEvent, change: { value?: number; days?: number } = {}) =>
    sql()`
      insert into transactions (user_id, event_id, amount, currency, occurred_at, received_at)
      values (${userId}, ${eventId}, ${change.value ?? value}, 'USD',
        ${sentAt}::timestamptz - make_interval(days => ${change.days ?? 0}), now())`;

  const summarise = () =>
    sql()`
      insert into transactions_summary (user_id, day, currency, transaction_count, amount_sum)
      select user_id, (occurred_at at time zone 'UTC')::date, currency, count(*), sum(amount)
      from transactions where user_id = ${userId} group by 1, 2, 3`;

  const account = (): Promise<EventAccount> => accountForEvents(sql(), [userId], ledger.events());

  it("is clean when everything acknowledged is there once", async () => {
    await store(acknowledged());
    await summarise();
    expect(await account()).toEqual(CLEAN);
  });

  it("does not mind an event whose fate the client does not know", async () => {
    await store(ledger.open("transaction", userId));
    ledger.open("transaction", userId);
    await summarise();
    expect(await account()).toEqual(CLEAN);
  });

  it("names what is lost", async () => {
    const { eventId } = acknowledged();
    expect(await account()).toEqual({ ...CLEAN, lost: [`transaction ${userId} ${eventId}`] });
  });

  it("names what is there twice", async () => {
    const event = acknowledged();
    await store(event);
    await store(event, { days: 1 });
    await summarise();
    expect(await account()).toEqual({ ...CLEAN, doubled: [`transaction ${userId} ${event.eventId}`] });
  });

  it("names what nobody sent", async () => {
    const event = createEventLedger().open("transaction", userId);
    await store(event);
    await summarise();
    expect(await account()).toEqual({ ...CLEAN, uninvited: [`transaction ${userId} ${event.eventId}`] });
  });

  it("names what was changed on the way", async () => {
    const event = acknowledged();
    await store(event, { value: event.value + 1 });
    await summarise();
    expect((await account()).distorted).toEqual([expect.stringContaining(event.eventId)]);
  });

  it("names a summary that is missing, and one that is wrong", async () => {
    await store(acknowledged());
    expect((await account()).wrongSummaries).toEqual([expect.stringContaining("stored nothing")]);
    await summarise();
    await sql()`update transactions_summary set transaction_count = 2 where user_id = ${userId}`;
    expect((await account()).wrongSummaries).toEqual([expect.stringContaining("recomputed")]);
  });
});
