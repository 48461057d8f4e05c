import { setTimeout as sleep } from "node:timers/promises";
import type { Sender } from "../../faults/support/traffic.ts";
import type { Client } from "./client.ts";

/** An offer whose acceptance was sent. */
export type Acceptance = {
  readonly userId: string;
  readonly offerId: string;
  readonly sentAt: number;
  /** True once somebody answered 202 to it. */
  acknowledged: boolean;
};

export type AcceptanceDeps = {
  readonly client: Client;
  readonly giveUpAt: () => number;
  readonly acceptances: Map<string, Acceptance>;
};

const ASK_AGAIN_MS = 1_000;

/** Asks for an offer until it is decided, accepts it, and asks once more, as people do who do not trust it. */
export const takeOffer = async (deps: AcceptanceDeps, person: Sender): Promise<void> => {
  const { client, acceptances } = deps;
  const offerId = await askForOffer(deps, person);
  if (offerId === undefined) return;
  const acceptance = { userId: person.id, offerId, sentAt: Date.now(), acknowledged: false };
  acceptances.set(offerId, acceptance);
  const answer = await client("acceptance", {
    method: "POST",
    path: `/v1/credit-offers/${offerId}/accept`,
    token: person.token,
    headers: { "idempotency-key": `accept-${offerId}` },
  });
  acceptance.acknowledged = answer !== undefined;
  await analyse(client, person);
};

// Too early, while the telemetry is still on its way, there is nothing to decide on. And who is known by a purchase or
// two alone, because the worker for emotions is away, is too great a risk: that stands for the whole cool-off.
const askForOffer = async (
  { client, giveUpAt }: AcceptanceDeps,
  person: Sender,
): Promise<string | undefined> => {
  while (Date.now() < giveUpAt()) {
    const answer = await analyse(client, person);
    const offer = answer?.["offer"] as { offer_id: string } | undefined;
    if (offer) return offer.offer_id;
    if (answer?.["reason"] === "RISK_TOO_HIGH") return undefined;
    await sleep(ASK_AGAIN_MS * (0.5 + Math.random()));
  }
  return undefined;
};

const analyse = (client: Client, { id, token }: Sender): Promise<Record<string, unknown> | undefined> =>
  client("analysis", { method: "POST", path: `/v1/users/${id}/credit-analysis`, token });
