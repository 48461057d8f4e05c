import { createRecentKeys } from "../../platform/cache/recent-keys.ts";
import { createSingleFlight } from "../../platform/cache/single-flight.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { decide } from "../domain/decide.ts";
import type { Answer } from "../domain/decision.ts";
import { type Features, isSufficient } from "../domain/features.ts";
import { whatStands } from "../domain/standing.ts";
import type { Prediction } from "../model/request-prediction.ts";
import type { RiskModel } from "../model/risk-model.ts";
import { type Applicant, readApplicant } from "../sql/applicants.ts";
import { readStanding } from "../sql/standing.ts";
import { type AnalysisBody, analysisBody } from "./analysis-body.ts";
import type { AnalysisCache } from "./analysis-cache.ts";
import { recordDecision } from "./record-decision.ts";

export type AnalyseDeps = {
  sql: Sql;
  cache: AnalysisCache;
  model: RiskModel;
  coolOffMs: number;
  clock: () => Date;
  newId: () => string;
};

export type AnalyseCredit = (userId: string, headers: Record<string, string>) => Promise<AnalysisBody>;

/**
 * Decides on credit for a person, or repeats the decision that stands.
 *
 * The model is never asked inside a transaction: a slow model would hold connections and locks. Instead one analysis
 * per person runs at a time in this process, and that nothing has changed is checked under the person's lock in the
 * statement that stores its outcome. Replicas that decide at the same moment may each ask the model; the first to get
 * the lock decides, and the others answer with its decision.
 *
 * An analysis takes three round trips: to the cache, to the database for facts, and again to store. The first two are
 * made at once for people who did not ask here lately, for the cache hardly remembers them: 0.2 ms less. What the
 * cache is given to keep is not waited for.
 *
 * Want of data is recorded as a decision like any other, but holds only until there is data: see whatStands.
 *
 * @throws AppError not_found when there is no such user; model_unavailable
 */
export const createAnalyseCredit = (deps: AnalyseDeps): AnalyseCredit => {
  const { cache, clock } = deps;
  const oncePerUser = createSingleFlight<AnalysisBody>();
  const asked = createRecentKeys(PEOPLE_ASKED);

  return async (userId, headers) => {
    const early = asked.has(userId) ? undefined : readApplicant(deps.sql, userId, clock());
    asked.add(userId);
    // Of no interest where the cache has the answer.
    early?.catch(() => {});
    const remembered = await cache.recall(userId, clock());
    if (remembered.answer) return remembered.answer;
    return oncePerUser(userId, async () => {
      const facts = early ? requireKnown(await early) : await readFacts(deps, userId, remembered.features);
      const answer = await analyse(deps, userId, facts, headers);
      cache.keepAnswer(userId, answer, clock());
      return analysisBody(userId, answer);
    });
  };
};

const PEOPLE_ASKED = 20_000;

const analyse = async (
  deps: AnalyseDeps,
  userId: string,
  { features, standing }: Applicant,
  headers: Record<string, string>,
): Promise<Answer> => {
  const sufficient = isSufficient(features);
  const rules = { now: deps.clock(), coolOffMs: deps.coolOffMs, sufficient };
  const stands = whatStands(standing, rules);
  if (stands) return stands;

  const prediction = sufficient ? await askModel(deps, userId, features, headers) : null;
  const decision = decide(features, prediction, deps.clock(), deps.newId);
  return recordDecision(deps.sql, userId, deps.coolOffMs, decision, standing);
};

/** One round trip to the database, whether or not the features were in the cache. */
const readFacts = async (
  { sql, clock }: AnalyseDeps,
  userId: string,
  cachedFeatures: Features | undefined,
): Promise<Applicant> => {
  if (cachedFeatures) return { features: cachedFeatures, standing: await readStanding(sql, userId) };
  return requireKnown(await readApplicant(sql, userId, clock()));
};

const requireKnown = (applicant: Applicant | undefined): Applicant => {
  if (!applicant) throw new AppError("not_found", "There is no such user");
  return applicant;
};

/** Features that led to no answer serve the next attempt; those that did are not asked for while the answer holds. */
const askModel = async (
  { model, cache, clock }: AnalyseDeps,
  userId: string,
  features: Features,
  headers: Record<string, string>,
): Promise<Prediction> => {
  try {
    return await model.predict(features, headers);
  } catch (error) {
    cache.keepFeatures(userId, features, clock());
    throw error;
  }
};
