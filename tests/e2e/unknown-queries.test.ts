import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { contractRoutes } from "../harness/contract-routes.ts";
import { send, type RequestOptions } from "./support/client.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { partnerOf } from "./support/purchases.ts";

// The model is not reached from outside, and the WebSocket's path is asked for another way.
const NOT_HERE = ["/v1/predict", "/v1/emotions/ws"];
// There is no filter to misspell, and an event that is refused is lost.
const TELEMETRY = ["/v1/emotions/stream", "/v1/transactions"];

const routes = (await contractRoutes()).filter(({ path }) => ![...NOT_HERE, ...TELEMETRY].includes(path));

let person: Person;
let operator: string;
let partnerKey: string;
beforeAll(async () => {
  person = await newPerson();
  operator = await operatorToken();
  ({ key: partnerKey } = await partnerOf(person));
});

describe("a query parameter that the route does not know is 400 and named, whichever service answers", () => {
  it.each(routes.map((route) => [route.method, route.path, route] as const))(
    "%s %s",
    async (method, path, route) => {
      const schemes = (route.security ?? []).flatMap((requirement) => Object.keys(requirement));
      const options: RequestOptions = schemes.includes("operator")
        ? { token: operator }
        : schemes.includes("bearer")
          ? { token: person.token }
          : { headers: { "x-api-key": partnerKey } };
      const filled = path.replace("{user_id}", person.id).replaceAll(/\{\w+\}/g, () => randomUUID());
      const answer = await send(method.toUpperCase(), `${filled}?xyzzy=1`, options);
      expectProblem(answer, "invalid_query", { pointers: ["/xyzzy"] });
    },
  );

  it.each(TELEMETRY)("POST %s takes an event whatever its query says", async (path) => {
    const answer = await send("POST", `${path}?source=app`, {
      token: person.token,
      json: {
        userId: person.id,
        amount: 1,
        timestamp: new Date().toISOString(),
        emotionEvent: { type: "calm", metrics: { positivity: 1, intensity: 0, stress_level: 0 } },
      },
    });
    expect(answer.status).toBe(202);
  });

  it("a dead letters' filter that is misspelt lists nothing", async () => {
    const answer = await send("GET", `/v1/dead-letters?user=${person.id}`, { token: operator });
    expectProblem(answer, "invalid_query", { pointers: ["/user"] });
    expect(JSON.stringify(answer.body)).toContain("userId is");
  });

  it.each(["/healthz?cb=1", "/readyz?cb=1", "/docs?utm_source=mail", "/openapi.json?v=2", "/problems?cb=1"])(
    "GET %s is for probes and browsers, and takes anything",
    async (path) => expect((await send("GET", path)).status).toBe(200),
  );
});
