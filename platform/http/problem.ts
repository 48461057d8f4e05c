import type { AppError, FieldError } from "../errors/app-error.ts";
import { errorCodes } from "../errors/error-codes.ts";
import type { ErrorCode } from "../errors/error-codes.ts";

/** RFC 9457 problem details, with our extension members `code`, `requestId` and `errors`. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ErrorCode;
  requestId: string;
  errors?: FieldError[];
};

/** Where the request was and what it is called: `instance` and `requestId` of a problem. */
export type RequestContext = { path: string; requestId: string };

export const PROBLEM_TYPE = "application/problem+json";

export type ProblemAnswer = { status: number; headers: Record<string, string>; body: string };

export const problemResponse = (error: AppError, request: RequestContext): Response => {
  const { status, headers, body } = problemAnswer(error, request);
  return new Response(body, { status, headers });
};

/** The one place where an error becomes an answer. */
export const problemAnswer = (error: AppError, request: RequestContext): ProblemAnswer => {
  const { status, title } = errorCodes[error.code];
  const problem: Problem = {
    type: `/problems/${error.code}`,
    title,
    status,
    detail: error.message,
    instance: request.path,
    code: error.code,
    requestId: request.requestId,
    ...(error.errors && { errors: error.errors }),
    ...error.extensions,
  };
  return { status, headers: problemHeaders(error, status, request), body: JSON.stringify(problem) };
};

// 401 must name a scheme (RFC 9110 §11.6.1); 429 and 503 always say when to come back.
const problemHeaders = (
  error: AppError,
  status: number,
  request: RequestContext,
): Record<string, string> => ({
  "content-type": PROBLEM_TYPE,
  "x-request-id": request.requestId,
  "cache-control": "no-store",
  ...(status === 401 && { "www-authenticate": challenge(error.code) }),
  ...((status === 429 || status === 503) && {
    "retry-after": String(Math.max(1, Math.ceil(error.retryAfter ?? 1))),
  }),
  ...error.headers,
});

const challenge = (code: ErrorCode): string =>
  code === "invalid_token" ? 'Bearer realm="ecs", error="invalid_token"' : 'Bearer realm="ecs"';
