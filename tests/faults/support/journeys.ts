import { setTimeout as sleep } from "node:timers/promises";
import type { Analysis } from "../../e2e/support/credit.ts";
import { type Persistence, insist } from "./attempt.ts";
import type { Sender } from "./traffic.ts";

/** An offer whose acceptance was answered with 202. */
export type Accepted = { readonly userId: string; readonly offerId: string };

/** Each person asks for an offer and accepts it, one after the other over the span, so that a fault meets some anywhere. */
export const acceptOffers = async (
  people: readonly Sender[],
  spanMs: number,
  persistence: Persistence,
): Promise<Accepted[]> => {
  const journeys = people.map(async (person, place) => {
    await sleep((spanMs * place) / people.length);
    return acceptOne(person, persistence);
  });
  return (await Promise.all(journeys)).flatMap((accepted) => accepted ?? []);
};

const acceptOne = async ({ id, token }: Sender, persistence: Persistence): Promise<Accepted | undefined> => {
  const analysis = await insist<Analysis>(
    persistence,
    { method: "POST", path: `/v1/users/${id}/credit-analysis`, token },
    ({ status, body }) => status === 200 && body.offer !== undefined,
  );
  const offerId = analysis?.body.offer?.offer_id;
  if (offerId === undefined) return undefined;
  const answer = await insist(
    persistence,
    {
      method: "POST",
      path: `/v1/credit-offers/${offerId}/accept`,
      token,
      headers: { "idempotency-key": `accept-${offerId}` },
    },
    ({ status }) => status === 202,
  );
  return answer && { userId: id, offerId };
};
