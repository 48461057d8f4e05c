import { expect, it } from "vitest";
import { userNotification } from "../../contracts/events/credit-events.ts";
import { subjects } from "../../contracts/subjects.ts";
import { until } from "../harness/until.ts";
import { send } from "./support/client.ts";
import { analyse, untilActive } from "./support/credit.ts";
import { sql } from "./support/database.ts";
import { newPerson } from "./support/people.ts";
import { stack } from "./support/stack.ts";
import { streamedHeaders, streamedMessages } from "./support/streams.ts";
import { CALM, emotionOf, transactionOf, untilSummarised } from "./support/telemetry.ts";

it("a person registers, sends telemetry, is analysed, accepts, and has an active limit and one notification", async () => {
  const person = await newPerson();
  const { id, token } = person;
  const emotions = Array.from({ length: 5 }, () => emotionOf(id, CALM));
  const transactions = [20, 40, 60, 80, 100].map((amount) => transactionOf(id, amount));
  for (const json of emotions)
    expect(await send("POST", "/v1/emotions/stream", { token, json })).toMatchObject({ status: 202 });
  for (const json of transactions)
    expect(await send("POST", "/v1/transactions", { token, json })).toMatchObject({ status: 202 });

  await untilSummarised(id, { emotions: 5, transactions: 5 });
  expect(await eventIds("emotion_events", id)).toEqual(emotions.map(({ eventId }) => eventId).toSorted());
  expect(await eventIds("transactions", id)).toEqual(transactions.map(({ eventId }) => eventId).toSorted());
  expect(await summaries(id)).toEqual({
    event_count: 5,
    high_stress_count: 0,
    positivity: CALM.positivity,
    intensity: CALM.intensity,
    stress: CALM.stress_level,
    transaction_count: 5,
    amount: 300,
  });

  const first = await analyse(person);
  expect(first).toMatchObject({ status: 200, body: { approved: true } });
  const repeat = await analyse(person);
  expect(repeat.body).toEqual(first.body);
  const offerId = first.body.offer?.offer_id ?? "";

  const requestId = `walk-${id}`;
  const headers = { "x-request-id": requestId };
  expect(await send("POST", `/v1/credit-offers/${offerId}/accept`, { token, headers })).toMatchObject({
    status: 202,
  });
  await untilActive(offerId);
  const { body: offers } = await send("GET", `/v1/users/${id}/offers`, { token });
  expect(offers).toMatchObject({ total: 1, items: [{ offer_id: offerId, status: "active" }] });

  const { body: notifications } = await send("GET", `/v1/users/${id}/notifications`, { token });
  expect(notifications).toMatchObject({
    items: [{ type: "CREDIT_LIMIT_APPLIED", offerId }],
    nextCursor: null,
  });
  const published = await until(
    async () => {
      const all = await streamedMessages(stack().natsUrl, "NOTIFICATIONS", subjects.notifications);
      const own = all.map((body) => userNotification.parse(body)).filter(({ userId }) => userId === id);
      return own.length > 0 && own;
    },
    { what: `a notification of ${id} on the stream` },
  );
  expect(published).toMatchObject([{ userId: id, type: "CREDIT_LIMIT_APPLIED", offerId }]);
  // Whatever the request has caused carries its id, over two messages.
  const causes = [stack().natsUrl, "NOTIFICATIONS", subjects.notifications, "x-request-id"] as const;
  expect(await streamedHeaders(...causes)).toContain(requestId);
});

const eventIds = async (table: "emotion_events" | "transactions", userId: string): Promise<string[]> => {
  const rows = await sql()<
    { event_id: string }[]
  >`select event_id from ${sql()(table)} where user_id = ${userId}`;
  return rows.map((row) => row.event_id).toSorted();
};

const summaries = async (userId: string) => {
  const [row] = await sql()`
    select e.*, t.*
    from (select sum(event_count)::int as event_count, sum(high_stress_count)::int as high_stress_count,
            (sum(positivity_sum) / sum(event_count))::float8 as positivity,
            (sum(intensity_sum) / sum(event_count))::float8 as intensity,
            (sum(stress_sum) / sum(event_count))::float8 as stress
          from emotional_events_summary where user_id = ${userId}) e,
         (select sum(transaction_count)::int as transaction_count, sum(amount_sum)::float8 as amount
          from transactions_summary where user_id = ${userId}) t`;
  return row;
};
