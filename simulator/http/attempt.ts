import type { Dispatcher } from "undici";
import { codeOf } from "../../platform/errors/code-of.ts";
import type { Ending } from "./meter.ts";

export type AppRequest = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly token?: string;
  readonly body?: Record<string, unknown>;
  readonly headers?: Record<string, string>;
};

/** What one attempt came to. */
export type Attempt =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly body: Record<string, unknown>;
      readonly retryAfter: string | undefined;
    }
  | { readonly kind: "failed"; readonly failure: string };

const ANSWER_TIMEOUT_MS = 20_000;

/** Sends a request once. Never throws: what prevented an answer has a name. */
export const attemptRequest = async (
  { origin, dispatcher }: { origin: string; dispatcher: Dispatcher },
  request: AppRequest,
): Promise<Attempt> => {
  try {
    const response = await dispatcher.request({
      origin,
      method: request.method,
      path: request.path,
      headers: {
        accept: "application/json",
        ...(request.token && { authorization: `Bearer ${request.token}` }),
        ...(request.body && { "content-type": "application/json" }),
        ...request.headers,
      },
      body: request.body ? JSON.stringify(request.body) : null,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
    return {
      kind: "answered",
      status: response.statusCode,
      body: parseBody(await response.body.text()),
      retryAfter: [response.headers["retry-after"]].flat()[0],
    };
  } catch (error) {
    return { kind: "failed", failure: nameFailure(error) };
  }
};

/** How the meter counts it. */
export const endingOf = (attempt: Attempt): Ending => {
  if (attempt.kind === "failed") return { failure: attempt.failure };
  const { code } = attempt.body;
  return { status: attempt.status, ...(typeof code === "string" && { code }) };
};

const parseBody = (text: string): Record<string, unknown> => {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    // A proxy's own error page; the status says what matters.
    return {};
  }
};

const nameFailure = (error: unknown): string => {
  if (!(error instanceof Error)) return "failure";
  return codeOf(error) ?? error.name;
};
