import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { send, tally } from "./support/client.ts";
import { lapse } from "./support/cool-off.ts";
import { accept, offerStatusOf, personWithOffer, untilActive } from "./support/credit.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { describeProtection } from "./support/protection.ts";
import { describeMethodRule } from "./support/request-rules.ts";

const pathOf = (offerId: string): string => `/v1/credit-offers/${offerId}/accept`;
const PROCESSED = { status: "offer acceptance is being processed" };

const notificationsOf = async (offerId: string): Promise<number> => {
  const [row] = await sql()<{ count: number }[]>`
    select count(*)::int as count from notifications where offer_id = ${offerId}`;
  return row?.count ?? 0;
};

describe("POST /v1/credit-offers/{offer_id}/accept", () => {
  let nobody: Person;
  beforeAll(async () => {
    nobody = await newPerson();
  });

  it("answers 202 without a body, and the limit goes active", async () => {
    const { person, offer } = await personWithOffer();
    const answer = await accept(person, offer.offer_id);
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual(PROCESSED);
    await untilActive(offer.offer_id);
    expect(await notificationsOf(offer.offer_id)).toBe(1);
  });

  it("takes the person's own id in the body", async () => {
    const { person, offer } = await personWithOffer();
    expect((await accept(person, offer.offer_id, { json: { userId: person.id } })).status).toBe(202);
  });

  it("another user's id in the body is 403, and the offer stays open", async () => {
    const { person, offer } = await personWithOffer();
    expectProblem(await accept(person, offer.offer_id, { json: { userId: nobody.id } }), "forbidden");
    expect(await offerStatusOf(offer.offer_id)).toBe("offered");
  });

  it("accepted again without a key is 409", async () => {
    const { person, offer } = await personWithOffer();
    await accept(person, offer.offer_id);
    expectProblem(await accept(person, offer.offer_id), "offer_not_open");
    await untilActive(offer.offer_id);
    expectProblem(await accept(person, offer.offer_id), "offer_not_open");
  });

  it("accepted again with its Idempotency-Key is the first answer", async () => {
    const { person, offer } = await personWithOffer();
    const key = randomUUID();
    const answers = [];
    for (let n = 0; n < 3; n++) answers.push(await accept(person, offer.offer_id, { key }));
    await untilActive(offer.offer_id);
    answers.push(await accept(person, offer.offer_id, { key }));
    expect(answers.map(({ status, body }) => ({ status, body }))).toEqual(
      Array.from({ length: 4 }, () => ({ status: 202, body: PROCESSED })),
    );
    expect(await notificationsOf(offer.offer_id)).toBe(1);
  });

  it("an Idempotency-Key used for another offer is 422", async () => {
    const { person, offer } = await personWithOffer();
    const key = randomUUID();
    await accept(person, offer.offer_id, { key });
    expectProblem(await accept(person, randomUUID(), { key }), "idempotency_key_reused");
  });

  it("one person's Idempotency-Key is not another's", async () => {
    const [first, second] = await Promise.all([personWithOffer(), personWithOffer()]);
    const key = randomUUID();
    expect((await accept(first.person, first.offer.offer_id, { key })).status).toBe(202);
    expect((await accept(second.person, second.offer.offer_id, { key })).status).toBe(202);
  });

  it("of ten acceptances at the same moment one wins", async () => {
    const { person, offer } = await personWithOffer();
    const answers = await Promise.all(Array.from({ length: 10 }, () => accept(person, offer.offer_id)));
    expect(tally(answers)).toEqual({ 202: 1, 409: 9 });
    await untilActive(offer.offer_id);
    expect(await notificationsOf(offer.offer_id)).toBe(1);
  });

  it("an offer whose time has run out is 410", async () => {
    const { person, offer } = await personWithOffer();
    await lapse(offer.offer_id);
    expectProblem(await accept(person, offer.offer_id), "offer_expired");
  });

  it("an offer that does not exist is 404", async () =>
    expectProblem(await accept(nobody, randomUUID()), "not_found"));

  it("an id that is no UUID is 400", async () => expectProblem(await accept(nobody, "42"), "invalid_path"));

  it("a user id in the body that is no UUID is 422", async () =>
    expectProblem(await accept(nobody, randomUUID(), { json: { userId: "me" } }), "validation_failed", {
      pointers: ["/userId"],
    }));

  it("an Idempotency-Key longer than 255 characters is 400", async () =>
    expectProblem(await accept(nobody, randomUUID(), { key: "k".repeat(256) }), "invalid_header"));

  it("a body that is not JSON is 400, and one that does not say so is 415", async () => {
    const { token } = nobody;
    const path = pathOf(randomUUID());
    const headers = { "content-type": "application/json" };
    expectProblem(await send("POST", path, { token, raw: "{", headers }), "malformed_json");
    expectProblem(await send("POST", path, { token, raw: "{}" }), "unsupported_media_type");
  });

  it("an operator may not accept for a user", async () => {
    const { offer } = await personWithOffer();
    expectProblem(await send("POST", pathOf(offer.offer_id), { token: await operatorToken() }), "forbidden");
    expect(await offerStatusOf(offer.offer_id)).toBe("offered");
  });

  describeProtection(async (owner) => ({
    method: "POST",
    path: pathOf((await personWithOffer(owner)).offer.offer_id),
  }));
  describeMethodRule(() => pathOf(randomUUID()), "POST");
});
