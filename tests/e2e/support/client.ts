import { stack } from "./stack.ts";

export type Answer<Body = Record<string, unknown>> = {
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where the answer is JSON, else the text. */
  readonly body: Body;
};

export type RequestOptions = {
  readonly token?: string | undefined;
  readonly internalKey?: string | undefined;
  readonly headers?: Record<string, string>;
  /** A body sent as JSON. */
  readonly json?: unknown;
  /** A body sent as it is, with no content type but one in `headers`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
};

/** One request to the stack of the run, through nginx; every status is an answer. */
export const send = <Body = Record<string, unknown>>(
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer<Body>> => sendTo<Body>(stack().baseUrl, method, path, options);

/** One request. @throws TypeError when there is no answer */
export const sendTo = async <Body = Record<string, unknown>>(
  baseUrl: string,
  method: string,
  path: string,
  options: RequestOptions = {},
): Promise<Answer<Body>> => {
  const response = await fetch(new URL(path, baseUrl), {
    method,
    headers: headersOf(options),
    body: bodyOf(options),
    redirect: "manual",
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return {
    method,
    path: path.split("?")[0] ?? path,
    status: response.status,
    headers: response.headers,
    body: (isJson && text !== "" ? JSON.parse(text) : text) as Body,
  };
};

const headersOf = ({ token, internalKey, json, headers }: RequestOptions): Record<string, string> => ({
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  ...(internalKey !== undefined && { "x-internal-key": internalKey }),
  ...(json !== undefined && { "content-type": "application/json" }),
  ...headers,
});

// Bytes, for fetch would give a text the content type text/plain.
const bodyOf = ({ json, raw }: RequestOptions): Uint8Array<ArrayBuffer> | null => {
  if (json !== undefined) return new TextEncoder().encode(JSON.stringify(json));
  if (raw === undefined) return null;
  return typeof raw === "string" ? new TextEncoder().encode(raw) : raw;
};

/** How many answers there are of each status. */
export const tally = (answers: readonly Answer<unknown>[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};
