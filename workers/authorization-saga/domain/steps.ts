import type { Step } from "./advance.ts";

export type StepName = "reserve" | "post" | "confirm";

/**
 * What becomes of an authorization that is captured automatically. It is reserved before it is answered; posting it to
 * the ledger is the pivot; then everybody is told.
 */
export const authorizationSteps = [
  { name: "reserve", compensated: true, pivot: false },
  { name: "post", compensated: false, pivot: true },
  { name: "confirm", compensated: false, pivot: false },
] as const satisfies readonly Step<StepName>[];
