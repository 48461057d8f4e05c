import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson } from "./support/people.ts";

describe("what is not there", () => {
  it.each([
    ["GET", "/v1"],
    ["GET", "/v1/nothing"],
    ["POST", "/v1/transactions/extra"],
    ["POST", "/v2/transactions"],
    ["GET", "/wp-login.php"],
    ["DELETE", "/v1/users/x/y/z"],
  ])("%s %s is 404", async (method, path) => expectProblem(await send(method, path), "route_not_found"));

  it("is 404 with a token too", async () => {
    const { token } = await newPerson();
    expectProblem(await send("GET", "/v1/nothing", { token }), "route_not_found");
  });

  it.each(["/v1/predict", "/admin/faults", "/outbox"])("%s of the inside is not reachable", async (path) =>
    expectProblem(await send("POST", path, { json: {} }), "route_not_found"),
  );

  it("a fitting X-Request-ID comes back with the problem, another is replaced", async () => {
    const requestId = `mine-${randomUUID()}`;
    const fitting = await send("GET", "/v1/nothing", { headers: { "x-request-id": requestId } });
    expect(fitting.body["requestId"]).toBe(requestId);
    const unfit = await send("GET", "/v1/nothing", { headers: { "x-request-id": '"><script>' } });
    expectProblem(unfit, "route_not_found");
    expect(unfit.body["requestId"]).toMatch(/^[\w.:+/=@-]{1,128}$/);
  });

  it("no answer tells what serves it", async () => {
    const { headers } = await send("GET", "/v1/nothing");
    expect(headers.get("server") ?? "nginx").toBe("nginx");
    expect(headers.get("x-powered-by")).toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  });
});
