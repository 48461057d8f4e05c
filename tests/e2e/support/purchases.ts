import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { until } from "../../harness/until.ts";
import { type Answer, send } from "./client.ts";
import { accept, personWithOffer } from "./credit.ts";
import { sql } from "./database.ts";
import { operatorToken, type Person } from "./people.ts";

export type Authorization = { id: string; status: string; reason?: string; openAmount?: string };

/** Somebody whose accepted offer has become a credit line in the ledger. */
export const personWithLine = async (): Promise<Person> => {
  const { person, offer } = await personWithOffer();
  expect(await accept(person, offer.offer_id)).toMatchObject({ status: 202 });
  await until(
    async () => (await sql()`select from ledger_accounts where offer_id = ${offer.offer_id}`).length === 1,
    { what: `the credit line of ${offer.offer_id}` },
  );
  return person;
};

/** A POST of money in somebody's name, under a key of its own unless given. */
export const post = <Body = Authorization>(
  person: Person,
  path: string,
  json: unknown = {},
  key: string = randomUUID(),
): Promise<Answer<Body>> =>
  send<Body>("POST", path, { token: person.token, json, headers: { "idempotency-key": key } });

/** A partner's key, with the person linked to the partner under the id that is returned. */
export const partnerOf = async (person: Person): Promise<{ key: string; userId: string }> => {
  const token = await operatorToken();
  const partner = await send<{ id: string }>("POST", "/v1/partners", { token, json: { name: "Shop" } });
  expect(partner.status).toBe(201);
  const path = `/v1/partners/${partner.body.id}`;
  const scopes = ["authorizations:write", "authorizations:read"];
  const made = await send<{ key: string }>("POST", `${path}/keys`, { token, json: { scopes } });
  const userId = `user-${randomUUID()}`;
  const linked = await send("PUT", `${path}/users/${userId}`, { token, json: { userId: person.id } });
  expect(linked.status).toBe(200);
  return { key: made.body.key, userId };
};
