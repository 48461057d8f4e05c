import {
  compensateSaga,
  listSagas as listRoute,
  resolveSaga,
  retrySaga,
  sagaReason,
  showSaga,
} from "../../contracts/http/sagas.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { readJson } from "../../platform/http/read-json.ts";
import { tracing } from "../../platform/http/tracing.ts";
import { traceIdsOf } from "../../platform/observability/trace-ids.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { actOnSaga, listSagas, readSaga, sagaActions } from "../sql/sagas.ts";
import type { Acted, SagaRow } from "../sql/sagas.ts";
import { MAX_BODY_BYTES } from "./max-body.ts";

/** How long a step may go on failing after an operator sent it on. */
const STEP_SECONDS = 60;

/** For operators: sagas that need people, and what people do to them. */
export const registerSagas = (app: App, { sql, wakeRelay }: { sql: Sql; wakeRelay: () => void }): void => {
  app.openapi(listRoute, async (c) => {
    requireOperator(c.var.caller);
    const { state, cursor, limit } = c.req.valid("query");
    const { items, last } = pageOf(await listSagas(sql, { state, before: cursor, most: limit + 1 }), limit);
    return c.json({ items: items.map(toSaga), nextCursor: last?.id ?? null }, 200);
  });

  app.openapi(showSaga, async (c) => {
    requireOperator(c.var.caller);
    const row = await readSaga(sql, c.req.valid("param").saga_id);
    if (!row) throw refusals.not_found();
    const actions = (await sagaActions(sql, row.id)).map((action) => ({
      action: action.action,
      actor: action.actor,
      reason: action.reason,
      stateBefore: action.state_before,
      stepBefore: action.step_before,
      doneAt: action.done_at.toISOString(),
    }));
    return c.json({ ...toSaga(row), actions }, 200);
  });

  for (const [definition, action] of [
    [retrySaga, "retry"],
    [compensateSaga, "compensate"],
    [resolveSaga, "resolve"],
  ] as const)
    app.openapi({ ...definition, request: { params: retrySaga.request.params } }, async (c) => {
      const actor = requireOperator(c.var.caller);
      const { reason } = await readJson(c, sagaReason, MAX_BODY_BYTES);
      const id = c.req.valid("param").saga_id;
      const acted = await actOnSaga(sql, {
        id,
        action,
        actor,
        reason,
        stepSeconds: STEP_SECONDS,
        headers: tracing(c),
      });
      if (acted !== "done") throw refusals[acted]();
      wakeRelay();
      return c.json(toSaga((await readSaga(sql, id))!), 200);
    });
};

const refusals = {
  not_found: () => new AppError("not_found", "There is no such saga"),
  not_stuck: () => new AppError("saga_not_stuck", "The saga is not in a state for this: look at it again"),
  past_pivot: () => new AppError("saga_past_pivot", "The purchase is posted: the saga can only go forward"),
} satisfies Record<Exclude<Acted, "done">, () => AppError>;

const toSaga = (row: SagaRow) => ({
  id: row.id,
  state: row.state,
  step: row.step,
  pivoted: row.pivoted,
  attempts: row.attempts,
  stepDeadline: row.step_deadline.toISOString(),
  nextAttemptAt: row.next_attempt_at.toISOString(),
  lastError: row.last_error,
  traceId: null,
  requestId: null,
  ...traceIdsOf(row.headers),
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
