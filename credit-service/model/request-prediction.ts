import { Agent, interceptors } from "undici";
import { z } from "zod";
import { codeOf } from "../../platform/errors/code-of.ts";
import type { Features } from "../domain/features.ts";
import { type Post, post } from "./post.ts";
import { createReplicas } from "./replicas.ts";

export type Prediction = {
  riskScore: number;
  modelVersion: string;
  contributions: Record<string, number>;
};

/** The model refused what we asked (a 4xx): it works, we asked wrongly. */
export class ModelRefusedError extends Error {
  constructor(status: number) {
    super(`the risk model refused the request with ${status}`);
    this.name = "ModelRefusedError";
  }
}

/** The model answered with something that is no prediction. */
class ModelAnswerError extends Error {
  constructor(what: string) {
    super(`the risk model gave no usable answer: ${what}`);
    this.name = "ModelAnswerError";
  }
}

class ModelTimeoutError extends Error {
  constructor(timeoutMs: number) {
    super(`the risk model did not answer within ${timeoutMs} ms`);
    this.name = "ModelTimeoutError";
  }
}

export type PredictionClient = {
  /** One call, all attempts together within the timeout. */
  request: (features: Features, headers: Record<string, string>) => Promise<Prediction>;
  close: () => Promise<void>;
};

export type PredictionClientOptions = {
  /** Base URLs of the replicas. */
  urls: string[];
  timeoutMs: number;
};

const MAX_ANSWER_BYTES = 64 * 1_024;
const NAMES_LIVE_MS = 5_000;
// Ours closes idle connections after 75 s, and whoever closes first must be us.
const KEEP_ALIVE_MS = 30_000;

// JSON has neither NaN nor infinity, and zod's number refuses them too.
const answer = z.object({
  risk_score: z.number().min(0).max(1),
  model_version: z.string().min(1).max(100),
  contributions: z.record(z.string(), z.number()),
});

export const createPredictionClient = ({ urls, timeoutMs }: PredictionClientOptions): PredictionClient => {
  const agent = new Agent({
    connect: { timeout: 500 },
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
  // A name may stand for several replicas that come and go: it is looked up again, and its addresses take turns.
  const dispatcher = agent.compose(interceptors.dns({ maxTTL: NAMES_LIVE_MS, affinity: 4 }));
  const replicas = createReplicas(urls);

  return {
    request: async (features, headers) => {
      let attempt: Post | undefined;
      const timer = setTimeout(() => attempt?.cancel(new ModelTimeoutError(timeoutMs)), timeoutMs);
      const body = JSON.stringify(features);
      const send = async (url: string): Promise<Prediction> => {
        const to = { origin: new URL(url), path: "/v1/predict" };
        attempt = post(dispatcher, to, { ...headers, "content-type": "application/json" }, body);
        const { status, text } = await attempt.answer;
        if (status >= 400 && status < 500) throw new ModelRefusedError(status);
        if (status !== 200) throw new ModelAnswerError(`status ${status}`);
        return parse(text);
      };
      try {
        return await replicas.call(send, isUnreachable);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => dispatcher.close(),
  };
};

const parse = (text: string): Prediction => {
  const result = answer.safeParse(parseJson(text));
  if (!result.success) throw new ModelAnswerError("not a prediction");
  const { risk_score, model_version, contributions } = result.data;
  return { riskScore: risk_score, modelVersion: model_version, contributions };
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new ModelAnswerError("not JSON");
  }
};

// A prediction changes nothing, so that a connection lost half-way is as good a reason to ask elsewhere as a
// refused one.
const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_SOCKET",
]);

const isUnreachable = (error: unknown): boolean => UNREACHABLE.has(codeOf(error) ?? "");
