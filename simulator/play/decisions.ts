import type { z } from "@hono/zod-openapi";
import type { analysis } from "../../contracts/http/credit.ts";
import type { ArchetypeName } from "../domain/archetypes.ts";

export type Analysis = z.infer<typeof analysis>;

export type DecisionRow = {
  readonly archetype: ArchetypeName;
  people: number;
  /** People who got an answer. */
  asked: number;
  approved: number;
  declined: number;
  insufficient: number;
  accepted: number;
  readonly risks: number[];
  readonly limits: number[];
  readonly rates: number[];
};

/** Decisions by kind of person. Asked again within the cool-off, the same decision comes back and counts once. */
export type Decisions = {
  readonly meet: (archetype: ArchetypeName) => void;
  readonly ask: (archetype: ArchetypeName) => void;
  readonly decide: (archetype: ArchetypeName, answer: Analysis) => void;
  readonly accept: (archetype: ArchetypeName) => void;
  /** In the order in which the kinds were met. */
  readonly rows: () => DecisionRow[];
};

export const createDecisions = (): Decisions => {
  const rows = new Map<ArchetypeName, DecisionRow>();
  const seen = new Set<string>();
  const row = (archetype: ArchetypeName): DecisionRow => {
    const known = rows.get(archetype) ?? emptyRow(archetype);
    rows.set(archetype, known);
    return known;
  };
  return {
    meet: (archetype) => void row(archetype).people++,
    ask: (archetype) => void row(archetype).asked++,
    decide: (archetype, answer) => {
      if (seen.has(answer.decisionId)) return;
      seen.add(answer.decisionId);
      count(row(archetype), answer);
    },
    accept: (archetype) => void row(archetype).accepted++,
    rows: () => [...rows.values()],
  };
};

const emptyRow = (archetype: ArchetypeName): DecisionRow => ({
  archetype,
  people: 0,
  asked: 0,
  approved: 0,
  declined: 0,
  insufficient: 0,
  accepted: 0,
  risks: [],
  limits: [],
  rates: [],
});

const count = (row: DecisionRow, { approved, reason, ml_risk_score, offer }: Analysis): void => {
  if (approved) row.approved++;
  else if (reason === "INSUFFICIENT_DATA") row.insufficient++;
  else row.declined++;
  if (ml_risk_score !== null) row.risks.push(ml_risk_score);
  if (!approved || !offer) return;
  row.limits.push(offer.credit_limit);
  row.rates.push(offer.interest_rate);
};
