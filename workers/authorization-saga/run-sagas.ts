import type { Queryable } from "../../platform/database/connect.ts";
import { codeOf } from "../../platform/errors/code-of.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import { traceIdsOf } from "../../platform/observability/trace-ids.ts";
import { advance } from "./domain/advance.ts";
import type { StepResult } from "./domain/advance.ts";
import { readCapture, readVoid } from "./domain/read-answer.ts";
import { authorizationSteps } from "./domain/steps.ts";
import type { StepName } from "./domain/steps.ts";
import { advanceSagas, claimSagas, confirmSagas, postHolds, releaseHolds, takenHolds } from "./sql/sagas.ts";
import type { ClaimedSaga } from "./sql/sagas.ts";

export type RunSagasDeps = {
  sql: Queryable;
  logger: Logger;
  /** Who leases; any name of this process's own. */
  worker: string;
  count: (labels: { step: StepName; result: StepResult["kind"] }, by: number) => void;
  /** Called after a commit that wrote to the outbox. */
  wakeRelay: () => void;
  timing: SagaTiming;
};

export type SagaTiming = {
  /** How long nobody else touches what is in hand; longer than a pass can take. */
  leaseSeconds: number;
  /** How long a step may go on failing. */
  stepSeconds: number;
  /** A failed step's first delay, in ms. */
  retryBaseMs: number;
};

const BATCH = 100;

/**
 * One pass: leases sagas that are due, does the step that each is at, and writes where it has come to. A crash between
 * any two lines leaves the lease to run out and the step to be tried again, which is why each step has one effect
 * however often it is tried. Returns true when there may be more to do at once.
 */
export const runSagas = async (deps: RunSagasDeps): Promise<boolean> => {
  const { sql, worker, timing } = deps;
  const sagas = await claimSagas(sql, { worker, leaseSeconds: timing.leaseSeconds, most: BATCH });
  if (sagas.length === 0) return false;
  const at = (state: ClaimedSaga["state"], step: StepName): ClaimedSaga[] =>
    sagas.filter((saga) => saga.state === state && saga.step === step);
  await confirm(deps, at("running", "confirm"));
  await take(deps, at("running", "post"), async (all) => (await postHolds(sql, all)).map(readCapture));
  await take(deps, at("compensating", "reserve"), async (all) => {
    const answers = await releaseHolds(sql, all);
    // Looked up when nothing more can be taken.
    const taken = await takenHolds(sql, all);
    return answers.map((answer, index) => readVoid(answer, taken.has(all[index]!.id)));
  });
  deps.wakeRelay();
  return true;
};

// The last step and the saga's end are one transaction.
const confirm = async (deps: RunSagasDeps, sagas: readonly ClaimedSaga[]): Promise<void> => {
  if (sagas.length === 0) return;
  try {
    const completed = await confirmSagas(deps.sql, sagas);
    deps.count({ step: "confirm", result: "done" }, completed);
    // Who of fewer lost its lease is told by those who have it now.
    if (completed === sagas.length)
      for (const saga of sagas) tell(deps, saga, { state: "completed", result: "done" });
  } catch (error) {
    await settle(
      deps,
      sagas,
      sagas.map(() => toFailure(error)),
    );
  }
};

const take = async (
  deps: RunSagasDeps,
  sagas: readonly ClaimedSaga[],
  act: (sagas: readonly ClaimedSaga[]) => Promise<StepResult[]>,
): Promise<void> => {
  if (sagas.length === 0) return;
  let results: StepResult[];
  try {
    results = await act(sagas);
  } catch (error) {
    // One that breaks the whole call must not hold up its neighbours.
    if (sagas.length > 1) {
      for (const saga of sagas) await take(deps, [saga], act);
      return;
    }
    results = [toFailure(error)];
  }
  await settle(deps, sagas, results);
};

const settle = async (
  { sql, logger, count, timing }: RunSagasDeps,
  sagas: readonly ClaimedSaga[],
  results: readonly StepResult[],
): Promise<void> => {
  const moves = sagas.map((saga, index) => {
    const result = results[index]!;
    count({ step: saga.step, result: result.kind }, 1);
    const to = advance(authorizationSteps, saga, result, timing.retryBaseMs);
    tell({ logger }, saga, { state: to.state, result: result.kind, ...(to.error && { reason: to.error }) });
    return { saga, to };
  });
  await advanceSagas(sql, moves, timing.stepSeconds);
};

// One line a step: whoever follows a purchase finds its saga under the same ids.
const tell = (
  { logger }: Pick<RunSagasDeps, "logger">,
  { id, step, attempts, headers }: ClaimedSaga,
  came: { state: string; result: StepResult["kind"]; reason?: string },
): void => {
  const line = { ...traceIdsOf(headers), sagaId: id, step, attempts, ...came };
  if (came.state === "stuck") logger.error(line, "saga stuck");
  else logger.info(line, "saga step");
};

const toFailure = (error: unknown): StepResult => ({
  kind: "failed",
  reason: codeOf(error) ?? "unknown",
});
