import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { lapse, passCoolOff } from "./support/cool-off.ts";
import { analyse, type Offer, personWithOffer } from "./support/credit.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { describeProtection } from "./support/protection.ts";
import { describeMethodRule } from "./support/request-rules.ts";
import { ISO_TIME } from "./support/shapes.ts";

const pathOf = (userId: string, query = ""): string => `/v1/users/${userId}/offers${query}`;

type Page = {
  total: number;
  page: number;
  page_size: number;
  items: { offer_id: string; status: string; created_at: string }[];
};

const list = (person: Person, query = "") =>
  send<Page>("GET", pathOf(person.id, query), { token: person.token });

describe("GET /v1/users/{user_id}/offers", () => {
  let person: Person;
  let offer: Offer;
  beforeAll(async () => {
    ({ person, offer } = await personWithOffer());
  });

  it("answers 200 with the person's offers", async () => {
    const answer = await list(person);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      total: 1,
      page: 1,
      page_size: 20,
      items: [
        {
          offer_id: offer.offer_id,
          status: "offered",
          credit_limit: offer.credit_limit,
          interest_rate: offer.interest_rate,
          created_at: ISO_TIME,
          expires_at: offer.expires_at,
        },
      ],
    });
  });

  it("somebody without offers gets an empty page", async () => {
    expect((await list(await newPerson())).body).toEqual({ total: 0, page: 1, page_size: 20, items: [] });
  });

  it("pages newest first, each offer once", async () => {
    const { person: asker, offer: first } = await personWithOffer();
    await passCoolOff(asker.id);
    const second = (await analyse(asker)).body.offer?.offer_id;
    await passCoolOff(asker.id);
    const third = (await analyse(asker)).body.offer?.offer_id;

    const one = await list(asker, "?page=1&page_size=2");
    const two = await list(asker, "?page=2&page_size=2");
    const three = await list(asker, "?page=3&page_size=2");
    expect(one.body).toMatchObject({ total: 3, page: 1, page_size: 2 });
    expect(one.body.items.map((item) => [item.offer_id, item.status])).toEqual([
      [third, "offered"],
      [second, "superseded"],
    ]);
    expect(two.body.items.map((item) => [item.offer_id, item.status])).toEqual([
      [first.offer_id, "superseded"],
    ]);
    expect(three.body).toEqual({ total: 3, page: 3, page_size: 2, items: [] });
  });

  it("an offer whose time has run out is shown as expired", async () => {
    const { person: late, offer: lapsed } = await personWithOffer();
    await lapse(lapsed.offer_id);
    expect((await list(late)).body.items).toMatchObject([{ offer_id: lapsed.offer_id, status: "expired" }]);
  });

  it("an operator may read", async () => {
    const answer = await send<Page>("GET", pathOf(person.id), { token: await operatorToken() });
    expect(answer.status).toBe(200);
    expect(answer.body.items).toMatchObject([{ offer_id: offer.offer_id }]);
  });

  it.each([
    ["?page=0", "page"],
    ["?page=-1", "page"],
    ["?page=one", "page"],
    ["?page=1.5", "page"],
    ["?page_size=0", "page_size"],
    ["?page_size=101", "page_size"],
    ["?page_size=", "page_size"],
  ])("%s is 400 and names it", async (query, name) =>
    expectProblem(await list(person, query), "invalid_query", { pointers: [`/${name}`] }),
  );

  it("page_size may be 1 and 100", async () => {
    expect((await list(person, "?page_size=1")).status).toBe(200);
    expect((await list(person, "?page_size=100")).status).toBe(200);
  });

  it("an id that is no UUID is 400", async () =>
    expectProblem(await send("GET", pathOf("42"), { token: person.token }), "invalid_path"));

  describeProtection(({ id }) => Promise.resolve({ method: "GET", path: pathOf(id) }));
  describeMethodRule(() => pathOf(randomUUID()), "GET");
});
