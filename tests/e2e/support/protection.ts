import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, type RequestOptions, send } from "./client.ts";
import { expectProblem } from "./expect-problem.ts";
import { newPerson, type Person } from "./people.ts";
import { mintToken, unsignedToken } from "./tokens.ts";

/** A request that is right in every respect but who sends it. */
export type OwnedRequest = { method: string; path: string; json?: unknown };

/**
 * What holds for every route that belongs to a user: only a valid token of that very user opens it, and identity
 * headers that a client sends count for nothing.
 */
export const describeProtection = (requestFor: (owner: Person) => Promise<OwnedRequest>): void => {
  describe("is for the owner's token only", () => {
    let owner: Person;
    let stranger: Person;
    let request: OwnedRequest;

    beforeAll(async () => {
      [owner, stranger] = await Promise.all([newPerson(), newPerson()]);
      request = await requestFor(owner);
    });

    const sendAs = (options: RequestOptions): Promise<Answer> =>
      send(request.method, request.path, {
        ...(request.json !== undefined && { json: request.json }),
        ...options,
      });

    it("no token is 401", async () => expectProblem(await sendAs({}), "unauthenticated"));

    it("a token by another scheme is 401", async () => {
      const answer = await sendAs({ headers: { authorization: `Basic ${owner.token}` } });
      expect(answer.status).toBe(401);
    });

    const badTokens: [string, () => Promise<string> | string][] = [
      ["garbage", () => "not.a.token"],
      ["with a changed signature", () => owner.token.slice(0, -6) + "AAAAAA"],
      ["expired", () => mintToken({ subject: owner.id, expiresIn: -5 })],
      ["signed with another secret", () => mintToken({ subject: owner.id, signedWith: "x".repeat(48) })],
      ["of another algorithm", () => mintToken({ subject: owner.id, algorithm: "HS512" })],
      ["unsigned", () => unsignedToken(owner.id)],
      ["of another issuer", () => mintToken({ subject: owner.id, issuer: "somebody" })],
      ["for another audience", () => mintToken({ subject: owner.id, audience: "somebody" })],
    ];
    it.each(badTokens)("a token that is %s is 401", async (_what, token) =>
      expectProblem(await sendAs({ token: await token() }), "invalid_token"),
    );

    it("another user's token is 403", async () =>
      expectProblem(await sendAs({ token: stranger.token }), "forbidden"));

    it("forged identity headers do not stand in for a token", async () => {
      const headers = { "x-caller-kind": "user", "x-caller-id": owner.id, "x-gateway-key": randomUUID() };
      expectProblem(await sendAs({ headers }), "unauthenticated");
    });

    it("forged identity headers do not turn a stranger into the owner", async () => {
      const headers = { "x-caller-kind": "internal", "x-caller-id": owner.id, "x-gateway-key": randomUUID() };
      expectProblem(await sendAs({ token: stranger.token, headers }), "forbidden");
    });
  });
};
