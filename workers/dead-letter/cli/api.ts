import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "./find-target.ts";

/** The API refused, or could not be reached; the message is for people. */
export class Refused extends Error {}

export type Api = <Body>(method: string, path: string, body?: unknown) => Promise<Body>;

const ATTEMPTS = 4;
const PAUSE_MS = 1_000;

/** Logs in and returns what asks the API. Whatever is sent again goes under one Idempotency-Key. @throws Refused */
export const openApi = async (target: Target): Promise<Api> => {
  const { email, password } = target;
  const login = { email, password };
  const { access_token: token } = await request<{ access_token: string }>(
    target.baseUrl,
    "POST",
    "/v1/auth/login",
    login,
    {},
  );
  return (method, path, body) =>
    request(target.baseUrl, method, path, body, {
      authorization: `Bearer ${token}`,
      ...(method === "POST" && { "idempotency-key": randomUUID() }),
    });
};

const request = async <Body>(
  baseUrl: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Body> => {
  for (let attempt = 1; ; attempt++) {
    const answer = await tryOnce(baseUrl, method, path, body, headers);
    if (answer.ok) return answer.body as Body;
    if (!answer.mayRepeat || attempt === ATTEMPTS) throw new Refused(answer.message);
    await sleep(PAUSE_MS);
  }
};

type Attempt = { ok: true; body: unknown } | { ok: false; mayRepeat: boolean; message: string };

const tryOnce = async (
  baseUrl: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Attempt> => {
  try {
    const response = await fetch(new URL(path, baseUrl), {
      method,
      headers: { ...headers, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const answer: unknown = await response.json();
    if (response.ok) return { ok: true, body: answer };
    const mayRepeat = [409, 429, 502, 503, 504].includes(response.status) && isPassing(answer);
    return { ok: false, mayRepeat, message: describe(answer, response.status) };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return { ok: false, mayRepeat: true, message: `${baseUrl} does not answer: ${cause?.code ?? message}` };
  }
};

type Problem = { code?: string; detail?: string; errors?: { pointer: string; detail: string }[] };

// Of the conflicts, only one passes by itself.
const isPassing = (answer: unknown): boolean => {
  const { code } = answer as Problem;
  return code !== "dead_letter_settled";
};

const describe = (answer: unknown, status: number): string => {
  const { detail = "no reason given", errors = [], code } = answer as Problem;
  return [
    `${detail} (${status} ${code ?? ""})`,
    ...errors.map((error) => `  ${error.pointer || "the event"}: ${error.detail}`),
  ].join("\n");
};
