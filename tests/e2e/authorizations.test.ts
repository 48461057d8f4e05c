import { randomUUID } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import { until } from "../harness/until.ts";
import { send } from "./support/client.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { loggedUnder } from "./support/logs.ts";
import { newPerson, type Person } from "./support/people.ts";
import { type Authorization, partnerOf, personWithLine, post } from "./support/purchases.ts";
import { stack } from "./support/stack.ts";
import { streamedMessages, streamedOf } from "./support/streams.ts";

let person: Person;
beforeAll(async () => {
  person = await personWithLine();
});

it("from an accepted offer to an approved purchase, captured in parts and given back", async () => {
  const approved = await post(person, "/v1/authorizations", { amount: 42.5, referenceId: randomUUID() });
  expect(approved).toMatchObject({ status: 201, body: { status: "approved", openAmount: "42.50" } });
  const path = `/v1/authorizations/${approved.body.id}`;
  expect((await post(person, `${path}/capture`, { amount: "40" })).status).toBe(201);
  expect((await post(person, `${path}/void`)).status).toBe(200);
  expectProblem(await post(person, `${path}/capture`), "hold_voided");
  const shown = await send<Authorization>("GET", path, { token: person.token });
  expect(shown.body).toMatchObject({ status: "voided", capturedAmount: "40.00", releasedAmount: "2.50" });
  const list = await send<{ items: Authorization[] }>("GET", `/v1/users/${person.id}/authorizations`, {
    token: person.token,
  });
  expect(list.body.items.map(({ id }) => id)).toContain(approved.body.id);
});

it("beyond the limit it is declined, and a person without a line has none", async () => {
  const declined = await post(person, "/v1/authorizations", { amount: "9999" });
  expect(declined).toMatchObject({
    status: 201,
    body: { status: "declined", reason: "insufficient_credit" },
  });
  const nobody = await newPerson();
  expect((await post(nobody, "/v1/authorizations", { amount: "1" })).body).toMatchObject({
    reason: "no_credit_line",
  });
});

it("a repeat with the same key is answered with the same bytes, whichever replica gets it", async () => {
  const key = randomUUID();
  const answers = [];
  for (let n = 0; n < 6; n++) answers.push(await post(person, "/v1/authorizations", { amount: "1" }, key));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.slice(1).map(({ headers }) => headers.get("idempotency-hit"))).toEqual(
    Array(5).fill("true"),
  );
});

it("a partner's purchase is approved, captured by itself, told to the person and announced once", async () => {
  const { key, userId } = await partnerOf(person);
  const json = { transaction_id: randomUUID(), user_id: userId, amount: 12.3 };
  const authorize = () =>
    send<{ authorization_id: string; status: string }>("POST", "/authorize", {
      json,
      headers: { "x-api-key": key },
    });
  const approved = await authorize();
  expect(approved).toMatchObject({
    status: 200,
    body: { transaction_id: json.transaction_id, status: "approved" },
  });
  const id = approved.body.authorization_id;
  const found = await send("GET", `/v1/authorizations?referenceId=${json.transaction_id}`, {
    headers: { "x-api-key": key },
  });
  expect(found).toMatchObject({ status: 200, body: { items: [{ id, referenceId: json.transaction_id }] } });
  await until(
    async () =>
      (await send<Authorization>("GET", `/v1/authorizations/${id}`, { token: person.token })).body.status ===
      "captured",
    { what: "the capture" },
  );
  const confirmed = await until(
    async () => {
      const all = await streamedMessages(stack().natsUrl, "LEDGER", "authorization.confirmed");
      const own = all.filter((event) => (event as { authorizationId: string }).authorizationId === id);
      return own.length > 0 && own;
    },
    { what: "the announcement" },
  );
  expect(confirmed).toHaveLength(1);
  const notes = await send<{ items: { type: string; id: string }[] }>(
    "GET",
    `/v1/users/${person.id}/notifications`,
    {
      token: person.token,
    },
  );
  expect(notes.body.items.filter(({ type }) => type === "PURCHASE_CONFIRMED").map((note) => note.id)).toEqual(
    [id],
  );
  expect((await authorize()).body).toEqual(approved.body);
});

it("a purchase is followed by its trace and its request's id from the gateway to the person's notification", async () => {
  const { key, userId } = await partnerOf(person);
  const [requestId, traceId] = [`order-${randomUUID()}`, randomUUID().replaceAll("-", "")];
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const approved = await send("POST", "/authorize", {
    json: { transaction_id: randomUUID(), user_id: userId, amount: 2.5 },
    headers: { "x-api-key": key, "x-request-id": requestId, traceparent },
  });
  expect(approved.body).toMatchObject({ status: "approved" });
  const told = (stream: string) => streamedOf(stack().natsUrl, stream, requestId);
  const events = await until(
    async () => {
      const all = [...(await told("LEDGER")), ...(await told("NOTIFICATIONS"))];
      return all.length >= FOLLOWED.length && all;
    },
    { within: 15_000, what: "all of its events" },
  );
  expect(events.map(({ subject }) => subject).toSorted()).toEqual(FOLLOWED);
  for (const event of events) expect(event.traceparent.slice(3, 35)).toBe(traceId);
  await until(
    () =>
      ["gateway", "ledger-service", "authorization-saga"].every((name) =>
        loggedUnder(requestId).some((line) => line.process.startsWith(name) && line.traceId === traceId),
      ),
    { within: 15_000, what: "its lines in the logs of all that had a part in it" },
  );
});

const FOLLOWED = [
  "authorization.approved",
  "authorization.captured",
  "authorization.confirmed",
  "transaction.completed",
  "user.notifications",
];

it("without a token or a key it is 401, with a wrong key too, and another's purchase is not found", async () => {
  const json = { amount: "1" };
  const headers = { "idempotency-key": randomUUID() };
  expectProblem(await send("POST", "/v1/authorizations", { json, headers }), "unauthenticated");
  expectProblem(await send("POST", "/authorize", { json, token: person.token }), "unauthenticated");
  const wrong = { ...headers, "x-api-key": `ecs_pk_${"A".repeat(43)}` };
  expectProblem(
    await send("POST", "/v1/authorizations", { json, headers: wrong, token: person.token }),
    "invalid_api_key",
  );
  const { body } = await post(person, "/v1/authorizations", json);
  const stranger = await newPerson();
  const path = `/v1/authorizations/${body.id}`;
  expectProblem(await send("GET", path, { token: stranger.token }), "authorization_not_found");
  expectProblem(await post(stranger, `${path}/capture`), "authorization_not_found");
  expectProblem(await send("GET", "/v1/sagas", { token: stranger.token }), "forbidden");
  expectProblem(await send("GET", "/v1/partners", { token: stranger.token }), "forbidden");
});
