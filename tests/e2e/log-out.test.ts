import { describe, expect, it } from "vitest";
import { CLOSE_CODES } from "../../contracts/http/emotion-socket.ts";
import { until } from "../harness/until.ts";
import { connectDevice } from "../sockets/device.ts";
import { flushCache } from "./support/cache.ts";
import { send, sendTo } from "./support/client.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { logIn, newPerson, operatorToken } from "./support/people.ts";
import { replicasOf, stack } from "./support/stack.ts";

/** What each gateway, asked by itself, answers to a token. */
const everywhere = (id: string, token: string) =>
  Promise.all(
    replicasOf("gateway").map(async ({ url }) => {
      return (await sendTo(url, "GET", `/v1/users/${id}/offers`, { token })).status;
    }),
  );
const refusedEverywhere = (id: string, token: string) =>
  until(async () => (await everywhere(id, token)).every((status) => status === 401), {
    what: "every gateway to refuse the token",
  });
const good = () => replicasOf("gateway").map(() => 200);

describe("POST /v1/auth/logout", () => {
  it("ends the token at every gateway, its open WebSocket too, and no other; losing Redis brings it not back", async () => {
    const { id, email, password, token } = await newPerson();
    const other = await logIn(email, password);
    expect(replicasOf("gateway").length).toBeGreaterThan(1);
    expect(await everywhere(id, token)).toEqual(good());
    const device = await connectDevice(stack().baseUrl, { authorization: `Bearer ${token}` });

    expect((await send("POST", "/v1/auth/logout", { token })).status).toBe(204);
    await refusedEverywhere(id, token);
    expect(await device.closed).toBe(CLOSE_CODES.tokenExpired);
    await flushCache();
    expectProblem(await send("GET", `/v1/users/${id}/offers`, { token }), "invalid_token");
    expect(await everywhere(id, other)).toEqual(good());
  });

  it("everywhere ends the others as well, and the person logs in again", async () => {
    const { id, email, password, token } = await newPerson();
    const other = await logIn(email, password);
    const answer = await send("POST", "/v1/auth/logout", { token, json: { everywhere: true } });
    expect(answer.status).toBe(204);
    for (const ended of [token, other]) await refusedEverywhere(id, ended);
    expect(await everywhere(id, await logIn(email, password))).toEqual(good());
  });

  it("is 401 for who has no token, and 422 for a body that breaks a rule", async () => {
    const { token } = await newPerson();
    expectProblem(await send("POST", "/v1/auth/logout"), "unauthenticated");
    const bad = await send("POST", "/v1/auth/logout", { token, json: { everywhere: 1 } });
    expectProblem(bad, "validation_failed", { pointers: ["/everywhere"] });
  });
});

describe("POST /v1/token-revocations", () => {
  it("ends every token of a person, for operators alone, and says so afterwards", async () => {
    const { id, token } = await newPerson();
    const operator = await operatorToken();
    const json = { userId: id, reason: "The phone was stolen" };
    expectProblem(await send("POST", "/v1/token-revocations", { token, json }), "forbidden");
    expect(await everywhere(id, token)).toEqual(good());

    const answer = await send("POST", "/v1/token-revocations", { token: operator, json });
    expect(answer).toMatchObject({ status: 201, body: { ...json, scope: "user" } });
    await refusedEverywhere(id, token);
    const list = await send("GET", `/v1/token-revocations?userId=${id}`, { token: operator });
    expect(list.body).toEqual({ items: [answer.body], nextCursor: null });
    expectProblem(await send("GET", "/internal/token-revocations", { token: operator }), "route_not_found");
  });
});
