import { type Analysis, type Decisions } from "./decisions.ts";
import type { Clock } from "./clock.ts";
import type { Person } from "./person.ts";
import type { Receipts } from "./receipts.ts";
import { analysis } from "../../contracts/http/credit.ts";

export type CreditDeps = {
  readonly clock: Clock;
  readonly decisions: Decisions;
  readonly receipts: Receipts;
};

/** What a person does about credit in live traffic: ask, think, accept, read what came of it, ask again. */
export const useCredit = async (person: Person, deps: CreditDeps): Promise<void> => {
  const { clock, decisions } = deps;
  const { journey, persona } = person;
  if (!(await clock.until(journey.asksAt))) return;
  decisions.ask(persona.archetype);
  const first = await askForCredit(person, deps);
  const taken = await considerOffer(person, first, deps);
  if (journey.asksAgainAt === undefined || !(await clock.until(journey.asksAgainAt))) return;
  const second = await askForCredit(person, deps);
  if (!taken) await considerOffer(person, second, deps);
};

const askForCredit = async (person: Person, { decisions }: CreditDeps): Promise<Analysis | undefined> => {
  const { userId, send } = person.session;
  const result = await send("analysis", { method: "POST", path: `/v1/users/${userId}/credit-analysis` });
  if (result.kind !== "answered" || result.status !== 200) return undefined;
  const answer = analysis.parse(result.body);
  decisions.decide(person.persona.archetype, answer);
  return answer;
};

/** @returns whether the offer was taken */
const considerOffer = async (
  person: Person,
  answer: Analysis | undefined,
  { clock, decisions, receipts }: CreditDeps,
): Promise<boolean> => {
  const { userId, send } = person.session;
  const { thinksFor, readsAfter } = person.journey;
  const offerId = answer?.approved ? answer.offer?.offer_id : undefined;
  if (offerId === undefined) return false;
  await send("offers", { method: "GET", path: `/v1/users/${userId}/offers` });
  if (thinksFor === undefined || !(await clock.pass(thinksFor))) return false;

  const result = await send("accept", {
    method: "POST",
    path: `/v1/credit-offers/${offerId}/accept`,
    body: { userId },
    // A lost answer is asked for again, not taken for a second acceptance.
    headers: { "idempotency-key": `accept-${offerId}` },
  });
  const accepted = result.kind === "answered" && result.status === 202;
  if (accepted || (result.kind === "gave up" && result.reached))
    receipts.accept(offerId, { userId, acknowledged: accepted });
  if (!accepted) return false;
  decisions.accept(person.persona.archetype);
  if (await clock.pass(readsAfter))
    await send("notifications", { method: "GET", path: `/v1/users/${userId}/notifications` });
  return true;
};
