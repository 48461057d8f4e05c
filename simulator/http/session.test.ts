import { expect, test } from "vitest";
import type { AppClient, Result } from "./app-client.ts";
import type { AppRequest } from "./attempt.ts";
import { type Session, openSession } from "./session.ts";

const account = { email: "ada@example.com", password: "correct-horse-battery" };
const read = { method: "GET", path: "/v1/users/u-1/offers" } as const;

const tokenFor = (secondsLeft: number, serial: number): string => {
  const payload = { sub: "u-1", exp: Math.floor(Date.now() / 1_000) + secondsLeft, serial };
  return `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.signature`;
};

/** A platform whose tokens live so many seconds, and that refuses the ones it has withdrawn. */
const platform = ({ lifetime = 3_600, registered = 201 } = {}) => {
  const issued: string[] = [];
  const withdrawn = new Set<string>();
  const answer = (status: number, body: Record<string, unknown> = {}): Result => ({
    kind: "answered",
    status,
    body,
  });
  const client: AppClient = async (call, { token }: AppRequest) => {
    await Promise.resolve();
    if (call === "register") return answer(registered, { detail: "no" });
    if (call !== "login") return answer(withdrawn.has(token!) ? 401 : 200, { token });
    issued.push(tokenFor(lifetime, issued.length));
    return answer(200, { access_token: issued.at(-1) });
  };
  return { client, issued, withdrawn };
};

const sessionOf = (opened: Session | string): Session => {
  if (typeof opened === "string") throw new Error(opened);
  return opened;
};

test("the user is the token's subject, and one login is enough while the token lives", async () => {
  const { client, issued } = platform();
  const session = sessionOf(await openSession(client, account));
  expect(session.userId).toBe("u-1");
  await session.send("offers", read);
  expect(await session.send("offers", read)).toMatchObject({ status: 200, body: { token: issued[0] } });
  expect(issued).toHaveLength(1);
});

test("a token about to expire is renewed once, however many requests find it so", async () => {
  const { client, issued } = platform({ lifetime: 1 });
  const session = sessionOf(await openSession(client, account));
  const results = await Promise.all(Array.from({ length: 5 }, () => session.send("offers", read)));
  expect(issued).toHaveLength(2);
  for (const result of results) expect(result).toMatchObject({ body: { token: issued[1] } });
});

test("a refused token is replaced and the request sent again", async () => {
  const { client, issued, withdrawn } = platform();
  const session = sessionOf(await openSession(client, account));
  withdrawn.add(issued[0]!);
  expect(await session.send("offers", read)).toMatchObject({ status: 200, body: { token: issued[1] } });
});

test("an account that an earlier attempt made is logged in to", async () => {
  const opened = await openSession(platform({ registered: 409 }).client, account);
  expect(sessionOf(opened).userId).toBe("u-1");
});

test("a refused registration says why", async () => {
  expect(await openSession(platform({ registered: 422 }).client, account)).toBe("register: 422 no");
});
