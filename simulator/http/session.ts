import type { AppClient, Result } from "./app-client.ts";
import type { AppRequest } from "./attempt.ts";
import type { Call } from "./meter.ts";

export type Account = { readonly email: string; readonly password: string };

/** Someone who is logged in. Requests carry a valid token: it is renewed before it expires, and when it is refused. */
export type Session = {
  readonly userId: string;
  readonly send: (call: Call, request: AppRequest) => Promise<Result>;
};

const RENEW_BEFORE_MS = 30_000;

/** Registers an account and logs in. @returns the session, or why there is none */
export const openSession = async (client: AppClient, account: Account): Promise<Session | string> => {
  const registered = await client("register", {
    method: "POST",
    path: "/v1/auth/register",
    body: { ...account },
  });
  // 409: an earlier attempt was taken though its answer was lost; the login shows whether it was ours.
  if (!isAnswered(registered, 201) && !isAnswered(registered, 409)) return explain("register", registered);
  const first = await logIn(client, account);
  if (typeof first === "string") return first;

  let token: Promise<Token | string> = Promise.resolve(first);
  const renew = (): Promise<Token | string> => (token = logIn(client, account));
  const validToken = async (): Promise<Token | string> => {
    const before = token;
    const held = await before;
    if (typeof held !== "string" && held.expiresAt - Date.now() > RENEW_BEFORE_MS) return held;
    // Of many requests that find it expired, the first logs in.
    return token === before ? renew() : token;
  };

  return {
    userId: first.subject,
    send: async (call, request) => {
      const used = await validToken();
      if (typeof used === "string") return { kind: "gave up", reached: false, last: used };
      const result = await client(call, { ...request, token: used.text });
      if (!isAnswered(result, 401)) return result;
      const held = await token;
      const renewed = held === used ? await renew() : held;
      return typeof renewed === "string" ? result : client(call, { ...request, token: renewed.text });
    },
  };
};

type Token = { readonly text: string; readonly subject: string; readonly expiresAt: number };

const logIn = async (client: AppClient, account: Account): Promise<Token | string> => {
  const result = await client("login", { method: "POST", path: "/v1/auth/login", body: { ...account } });
  if (result.kind !== "answered" || result.status !== 200) return explain("login", result);
  return readToken(String(result.body["access_token"]));
};

/** Reads, without checking it, what a JWT (RFC 7519) says about itself: it is the platform's to check. */
const readToken = (text: string): Token | string => {
  try {
    const payload = Buffer.from(text.split(".")[1] ?? "", "base64url").toString();
    const { sub, exp } = JSON.parse(payload) as { sub?: unknown; exp?: unknown };
    if (typeof sub === "string" && typeof exp === "number")
      return { text, subject: sub, expiresAt: exp * 1_000 };
  } catch {
    // Said below.
  }
  return "login: the token cannot be read";
};

const isAnswered = (result: Result, status: number): boolean =>
  result.kind === "answered" && result.status === status;

const explain = (what: string, result: Result): string => {
  if (result.kind === "gave up") return `${what}: gave up after ${result.last}`;
  const { detail } = result.body;
  return `${what}: ${result.status}${typeof detail === "string" ? ` ${detail}` : ""}`;
};
