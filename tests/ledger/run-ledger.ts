import type postgres from "postgres";
import { brokenRules, describeFindings } from "../../ledger-service/verify/describe.ts";
import { verifyLedger } from "../../ledger-service/verify/verify-ledger.ts";
import { randomFor } from "../../simulator/domain/random.ts";
import { type History, type Operation, type Step, drawStep } from "./draw-step.ts";
import { compareWithModel, judgeAnswer } from "./drive/compare.ts";
import { openAccounts } from "./drive/open-accounts.ts";
import type { Answer } from "./drive/post.ts";
import { drawPopulation } from "./generate/population.ts";
import { type Model, createModel, keyOf } from "./model/model.ts";

export type RunOptions = {
  readonly seed: number;
  /** How many at least. */
  readonly operations: number;
  /** Largest batch. */
  readonly batch: number;
  /** Told after each batch that went well. */
  readonly onProgress?: (done: number) => void;
};

/** What became of the operations, by status. */
export type Tally = { operations: number; batches: number; byStatus: Map<number, number> };

/**
 * Puts random operations to an empty ledger and to a model of it, batch by batch. After each batch every answer,
 * account, transfer and hold must be the model's, and every rule of the ledger must hold; that stored answers tell what
 * it holds is looked at in the end.
 * @throws Error naming the seed, the batch and all that is wrong
 */
export const runLedger = async (sql: postgres.Sql, options: RunOptions): Promise<Tally> => {
  const random = randomFor(options.seed, "ledger");
  const model = createModel();
  const history: History = { orders: [], purchases: [], captures: [], voids: [] };
  for (const account of drawPopulation(random)) model.accounts.set(account.id, account);
  await openAccounts(sql, model.accounts.values());
  const tally: Tally = { operations: 0, batches: 0, byStatus: new Map() };
  while (tally.operations < options.operations) {
    const step = drawStep(random, model, history, options.batch);
    const complaints = await runStep(sql, model, step, tally);
    tally.operations += step.operations.length;
    tally.batches += 1;
    if (complaints.length > 0) throw new Error(describe(options, tally, step, complaints));
    options.onProgress?.(tally.operations);
  }
  const broken = brokenRules(await verifyLedger(sql, { outboxIsWhole: true }));
  if (broken.length > 0) throw new Error(`seed ${options.seed}: ${describeFindings(broken)}`);
  return tally;
};

const runStep = async (sql: postgres.Sql, model: Model, step: Step, tally: Tally): Promise<string[]> => {
  const { expected, written, commit } = step.prediction;
  const answers = await step.send(sql).catch((error: Error) => error);
  if (answers instanceof Error) return [`the database failed: ${answers.message}`];
  const complaints = expected.flatMap((expectation, index) => {
    const complaint = judgeAnswer(expectation, answers[index]);
    return complaint ? [`${JSON.stringify(step.operations[index])}\n    ${complaint}`] : [];
  });
  for (const { status } of answers) tally.byStatus.set(status, (tally.byStatus.get(status) ?? 0) + 1);
  commit();
  step.operations.forEach((operation, index) => {
    const answer = answers[index];
    if (written && answer) remember(model, operation, answer);
  });
  // Reading every answer after every batch would take longer than all the rest.
  const findings = await verifyLedger(sql, { outboxIsWhole: true, without: ["answers-as-stored"] });
  return [
    ...complaints,
    ...(await compareWithModel(sql, model)),
    ...brokenRules(findings).map((finding) => describeFindings([finding])),
  ];
};

// 2xx and what the business refuses; never what may be otherwise a moment later. What a reference brings back is kept
// under the key that came with it.
const remember = (model: Model, { scope, key, hash }: Operation, { status, body }: Answer): void => {
  if (!scope || !key || !hash || status === 409) return;
  const stored = keyOf(scope, key);
  if (!model.answers.has(stored)) model.answers.set(stored, { hash, status, body });
};

const SHOWN = 10;

const describe = (
  { seed, batch }: RunOptions,
  { batches, operations }: Tally,
  { name }: Step,
  complaints: readonly string[],
): string =>
  [
    `seed ${seed}, batches of up to ${batch}: batch ${batches} (${name}, up to operation ${operations}) went wrong in ${complaints.length} ways`,
    ...complaints.slice(0, SHOWN).map((complaint) => `  ${complaint}`),
  ].join("\n");
