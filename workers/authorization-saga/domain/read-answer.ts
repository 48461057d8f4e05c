import type { StepResult } from "./advance.ts";

/** An answer of the ledger's functions: a status, and a problem's code in the body from 400 on. */
export type LedgerAnswer = { status: number; body: string };

/** What a capture's answer means for the saga: a hold that is captured is captured, by whomever. */
export const readCapture = (answer: LedgerAnswer): StepResult => {
  if (answer.status < 400) return { kind: "done" };
  const code = codeOf(answer);
  if (code === "hold_already_captured") return { kind: "done" };
  if (code === "hold_voided" || code === "hold_expired") return { kind: "refused", reason: code };
  return { kind: "failed", reason: code };
};

/**
 * What a void's answer means for a saga that undoes its reservation. What was `taken` of the hold before, by whomever,
 * stands: the purchase was made, for that much, and goes forward.
 */
export const readVoid = (answer: LedgerAnswer, taken: boolean): StepResult => {
  const code = answer.status < 400 ? "voided" : codeOf(answer);
  if (code === "hold_already_captured") return { kind: "pivoted" };
  if (code === "voided" || code === "hold_voided" || code === "hold_expired")
    return { kind: taken ? "pivoted" : "done" };
  return { kind: "failed", reason: code };
};

const codeOf = ({ body }: LedgerAnswer): string => (JSON.parse(body) as { code: string }).code;
