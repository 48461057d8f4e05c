import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { accept, type Offer, personWithOffer, untilActive } from "./support/credit.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { describeProtection } from "./support/protection.ts";
import { describeMethodRule } from "./support/request-rules.ts";
import { ISO_TIME, UUID } from "./support/shapes.ts";

const pathOf = (userId: string, query = ""): string => `/v1/users/${userId}/notifications${query}`;

type Page = { items: { id: string; createdAt: string }[]; nextCursor: string | null };

const list = (person: Person, query = "") =>
  send<Page>("GET", pathOf(person.id, query), { token: person.token });

/** Puts notifications into the database, one a minute, two of them of the same instant; returns them newest first. */
const notify = async (userId: string, count: number): Promise<string[]> => {
  const rows = await sql()<{ id: string }[]>`
    insert into notifications (id, user_id, type, title, message, created_at)
    select gen_random_uuid(), ${userId}, 'TEST', 'title', 'message', now() - greatest(n, 2) * interval '1 minute'
    from generate_series(1, ${count}) n
    returning id`;
  expect(rows).toHaveLength(count);
  const ordered = await sql()<{ id: string }[]>`
    select id from notifications where user_id = ${userId} order by created_at desc, id desc`;
  return ordered.map(({ id }) => id);
};

describe("GET /v1/users/{user_id}/notifications", () => {
  let person: Person;
  let offer: Offer;
  beforeAll(async () => {
    ({ person, offer } = await personWithOffer());
    await accept(person, offer.offer_id);
    await untilActive(offer.offer_id);
  });

  it("answers 200 with what the person was told", async () => {
    const answer = await list(person);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      items: [
        {
          id: UUID,
          userId: person.id,
          type: "CREDIT_LIMIT_APPLIED",
          title: expect.stringMatching(/\S/) as string,
          message: expect.stringMatching(/\S/) as string,
          offerId: offer.offer_id,
          createdAt: ISO_TIME,
        },
      ],
      nextCursor: null,
    });
  });

  it("somebody who was told nothing gets an empty page", async () => {
    expect((await list(await newPerson())).body).toEqual({ items: [], nextCursor: null });
  });

  it("the cursor walks through all of them once, newest first", async () => {
    const reader = await newPerson();
    const expected = await notify(reader.id, 7);
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < 10; page++) {
      const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const { status, body } = await list(reader, `?limit=2${query}`);
      expect(status).toBe(200);
      expect(body.items.length).toBeLessThanOrEqual(2);
      seen.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
      if (cursor === null) break;
    }
    expect(cursor).toBeNull();
    expect(seen).toEqual(expected);
  });

  it("an operator may read", async () => {
    expect((await send("GET", pathOf(person.id), { token: await operatorToken() })).status).toBe(200);
  });

  it.each([
    ["?limit=0", "/limit"],
    ["?limit=101", "/limit"],
    ["?limit=x", "/limit"],
    [`?cursor=${"c".repeat(201)}`, "/cursor"],
  ])("%s is 400 and names it", async (query, pointer) =>
    expectProblem(await list(person, query), "invalid_query", { pointers: [pointer] }),
  );

  it("a cursor that we never gave is 400", async () =>
    expectProblem(await list(person, "?cursor=made-up"), "invalid_query"));

  it("an id that is no UUID is 400", async () =>
    expectProblem(await send("GET", pathOf("me"), { token: person.token }), "invalid_path"));

  describeProtection(({ id }) => Promise.resolve({ method: "GET", path: pathOf(id) }));
  describeMethodRule(() => pathOf(randomUUID()), "GET");
});
