import type { z } from "@hono/zod-openapi";
import type { creditDecision } from "../../contracts/http/credit-decisions.ts";
import { listCreditDecisions, showCreditDecision } from "../../contracts/http/credit-decisions.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { requireReader } from "../../platform/identity/authorize.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { decisionBody } from "../actions/analysis-body.ts";
import { encodeCursor } from "../domain/cursor.ts";
import { answerWith } from "../domain/decision.ts";
import { explain } from "../domain/explain.ts";
import { toDecision } from "../sql/decision-rows.ts";
import { type ExplainedDecisionRow, readDecision, readDecisions } from "../sql/explained-decisions.ts";
import { pagePosition } from "./page-position.ts";

/** What was decided about a person, and on what grounds: for themselves, and for operators. */
export const registerCreditDecisions = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(listCreditDecisions, async (c) => {
    const { user_id: userId } = c.req.valid("param");
    requireReader(c.var.caller, userId);
    const { cursor, limit } = c.req.valid("query");
    const rows = await readDecisions(sql, { userId, after: pagePosition(cursor), limit: limit + 1 });
    const { items, last } = pageOf(rows, limit);
    return c.json(
      {
        items: items.map(toBody),
        nextCursor: last ? encodeCursor({ createdAt: last.position, id: last.id }) : null,
      },
      200,
    );
  });

  app.openapi(showCreditDecision, async (c) => {
    const row = await readDecision(sql, c.req.valid("param").decision_id);
    if (!row || !maySee(c.var.caller, row)) throw new AppError("not_found", "There is no such decision");
    return c.json(toBody(row), 200);
  });
};

// To a stranger a decision does not exist.
const maySee = (caller: Caller, { user_id: owner }: ExplainedDecisionRow): boolean =>
  caller.kind === "operator" || (caller.kind === "user" && caller.id === owner);

const toBody = (row: ExplainedDecisionRow): z.infer<typeof creditDecision> => {
  const decision = toDecision(row);
  return {
    ...decisionBody(row.user_id, decision, row.reason),
    features: row.features,
    contributions: row.contributions,
    explanation: explain(answerWith(decision)),
  };
};
