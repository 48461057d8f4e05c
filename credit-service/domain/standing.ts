import { type Answer, type Decision, answerWith } from "./decision.ts";

/** What the database knows of a person before a new analysis. */
export type Standing = {
  newest: Decision | null;
  /** The decision whose offer is accepted or active. */
  taken: Decision | null;
};

export type StandingRules = {
  now: Date;
  coolOffMs: number;
  /** Is there any telemetry to decide on now? */
  sufficient: boolean;
};

/**
 * The answer that is already there, if one still holds:
 * an accepted or active offer for as long as it is; else the newest decision inside its cool-off.
 * A decision for want of data does not hold once there is data; nor does one whose offer has lapsed or was closed,
 * for there would be nothing to hand out.
 */
export const whatStands = ({ newest, taken }: Standing, rules: StandingRules): Answer | undefined => {
  if (taken?.offer) {
    const because = taken.offer.status === "active" ? "LIMIT_ALREADY_ACTIVE" : "OFFER_ALREADY_ACCEPTED";
    return { decision: taken, because };
  }
  if (!newest || !insideCoolOff(newest, rules)) return undefined;
  if (newest.reason === "INSUFFICIENT_DATA" && rules.sufficient) return undefined;
  if (newest.approved && !isOpen(newest, rules.now)) return undefined;
  return answerWith(newest);
};

const insideCoolOff = ({ decidedAt }: Decision, { now, coolOffMs }: StandingRules): boolean =>
  now.getTime() < decidedAt.getTime() + coolOffMs;

const isOpen = ({ offer }: Decision, now: Date): boolean =>
  offer?.status === "offered" && offer.expiresAt > now;
