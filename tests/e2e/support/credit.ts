import { expect } from "vitest";
import { until } from "../../harness/until.ts";
import { type Answer, send } from "./client.ts";
import { sql } from "./database.ts";
import { newPerson, type Person } from "./people.ts";
import { CALM_LIFE, live } from "./telemetry.ts";

export type Offer = {
  offer_id: string;
  credit_limit: number;
  interest_rate: number;
  credit_type: string;
  expires_at: string;
};

export type Analysis = {
  user_id: string;
  approved: boolean;
  ml_risk_score: number | null;
  offer?: Offer;
  reason?: string;
  missingFeatures?: string[];
  decisionId: string;
  decidedAt: string;
  modelVersion: string | null;
  policyVersion: string;
  explanation: { effect: string; feature?: string; text: string }[];
};

export const analyse = (person: Person): Promise<Answer<Analysis>> =>
  send<Analysis>("POST", `/v1/users/${person.id}/credit-analysis`, { token: person.token });

export const accept = (
  person: Person,
  offerId: string,
  options: { key?: string; json?: unknown } = {},
): Promise<Answer> =>
  send("POST", `/v1/credit-offers/${offerId}/accept`, {
    token: person.token,
    ...(options.json !== undefined && { json: options.json }),
    ...(options.key !== undefined && { headers: { "idempotency-key": options.key } }),
  });

/** Somebody, new unless given, whose calm life has just brought an offer. */
export const personWithOffer = async (
  somebody?: Person,
): Promise<{ person: Person; offer: Offer; analysis: Analysis }> => {
  const person = somebody ?? (await newPerson());
  await live(person, CALM_LIFE);
  const { status, body } = await analyse(person);
  expect({ status, body }).toMatchObject({ status: 200, body: { approved: true } });
  if (!body.offer) throw new Error(`approved without an offer: ${JSON.stringify(body)}`);
  return { person, offer: body.offer, analysis: body };
};

export const offerStatusOf = async (offerId: string): Promise<string | undefined> =>
  (await sql()<{ status: string }[]>`select status from credit_limits where id = ${offerId}`)[0]?.status;

export const untilActive = (offerId: string): Promise<boolean> =>
  until(async () => (await offerStatusOf(offerId)) === "active", {
    what: `the activation of ${offerId}`,
  });
