import { createRoute, z } from "@hono/zod-openapi";
import pino from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { AppError } from "../errors/app-error.ts";
import { createHttpApp } from "./create-app.ts";
import { createHealth } from "./health.ts";
import { readJson } from "./read-json.ts";
import { requireGateway } from "./require-gateway.ts";

const LIMIT = 100;
const body = z.object({ name: z.string(), items: z.array(z.object({ "a/b": z.number() })).default([]) });

const setUp = () => {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    {},
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const health = createHealth();
  const app = createHttpApp({ logger, metrics: new Registry(), health });
  app.post("/echo", async (c) => c.json(await readJson(c, body, LIMIT)));
  app.get("/broken", () => {
    throw new Error("connect ECONNREFUSED db.internal:5432");
  });
  app.get("/busy", () => {
    throw new AppError("service_unavailable", "Later", { retryAfter: 2.1 });
  });
  const typed = createRoute({
    method: "get",
    path: "/things/{id}",
    request: {
      params: z.object({ id: z.uuid() }),
      query: z.object({ limit: z.string().regex(/^\d+$/).optional() }),
    },
    responses: { 200: { description: "" } },
  });
  app.openapi(typed, (c) => c.body(null));
  app.get("/inside", requireGateway("k".repeat(32)), (c) => c.json(c.var.caller));
  return { app, lines, health };
};

const post = (text: string, headers: Record<string, string> = { "content-type": "application/json" }) => ({
  method: "POST",
  body: text,
  headers: { "content-length": String(text.length), ...headers },
});

test("a body that is not JSON is 400, one that breaks a rule is 422 with JSON pointers", async () => {
  const { app } = setUp();
  const malformed = await app.request("/echo", post("{"));
  expect([malformed.status, ((await malformed.json()) as { code: string }).code]).toEqual([
    400,
    "malformed_json",
  ]);

  const invalid = await app.request("/echo", post('{"items":[{"a/b":"x"}]}'));
  expect(invalid.status).toBe(422);
  expect(invalid.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await invalid.json()) as { errors: { pointer: string }[] };
  expect(problem.errors.map(({ pointer }) => pointer)).toEqual(["/name", "/items/0/a~1b"]);
});

test("a body that is not in UTF-8 is 400, and none of its bytes is replaced by another character", async () => {
  const { app } = setUp();
  const body = Buffer.from('{"name":"a\u00ff"}', "latin1");
  const answer = await app.request("/echo", { ...post(""), body });
  expect([answer.status, await answer.json()]).toMatchObject([400, { code: "malformed_json" }]);
});

test("a body that has a member twice is 400 and names it, where its reader does not take the last", async () => {
  const { app } = setUp();
  app.post("/last", async (c) => c.json(await readJson(c, body, LIMIT, { lastCounts: true })));
  const answer = await app.request("/echo", post('{"name":"a","name":"b"}'));
  expect([answer.status, await answer.json()]).toMatchObject([
    400,
    { code: "malformed_json", errors: [{ pointer: "/name", detail: "must be given once" }] },
  ]);
  const last = await app.request("/last", post('{"name":"a","name":"b"}'));
  expect(await last.json()).toMatchObject({ name: "b" });
});

test("a body over the limit is 413, whether or not it says how long it is", async () => {
  const { app } = setUp();
  const long = JSON.stringify({ name: "n".repeat(LIMIT) });
  expect((await app.request("/echo", post(long))).status).toBe(413);
  const silent = { method: "POST", body: long, headers: { "content-type": "application/json" } };
  expect((await app.request("/echo", silent)).status).toBe(413);
});

test("a body of another type is 415", async () => {
  const { app } = setUp();
  expect((await app.request("/echo", post("name=x", { "content-type": "text/plain" }))).status).toBe(415);
  expect(
    (
      await app.request(
        "/echo",
        post('{"name":"x"}', { "content-type": "application/vnd.x+json; charset=utf-8" }),
      )
    ).status,
  ).toBe(200);
});

test("a malformed path or query is 400 and names the parameter", async () => {
  const { app } = setUp();
  const path = await app.request("/things/7");
  expect([path.status, await path.json()]).toEqual([
    400,
    expect.objectContaining({ code: "invalid_path", errors: [expect.objectContaining({ pointer: "/id" })] }),
  ]);
  const query = await app.request("/things/0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c?limit=x");
  expect([query.status, await query.json()]).toEqual([
    400,
    expect.objectContaining({ code: "invalid_query" }),
  ]);
  const twice = await app.request("/things/0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c?limit=1&limit=2");
  expect(await twice.json()).toMatchObject({
    errors: [{ pointer: "/limit", detail: "must be given once" }],
  });
});

test("an unknown error says nothing of the inside, and is logged whole", async () => {
  const { app, lines } = setUp();
  const answer = await app.request("/broken");
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toMatch(/ECONNREFUSED|internal:/);
  expect(JSON.stringify(lines)).toMatch(/ECONNREFUSED/);
});

test("503 says when to come back, in whole seconds", async () => {
  const { app } = setUp();
  const answer = await app.request("/busy");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "3"]);
});

test("an unknown route is a problem with the request's id", async () => {
  const { app } = setUp();
  const answer = await app.request("/nowhere", { headers: { "x-request-id": "req-1" } });
  expect(answer.status).toBe(404);
  expect(answer.headers.get("x-request-id")).toBe("req-1");
  expect(await answer.json()).toMatchObject({
    code: "route_not_found",
    instance: "/nowhere",
    requestId: "req-1",
    type: "/problems/route_not_found",
  });
});

test("a request id unfit for a log is replaced", async () => {
  const { app } = setUp();
  const answer = await app.request("/healthz", { headers: { "x-request-id": 'a"b c' } });
  expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("identity headers count only beside the right gateway key", async () => {
  const { app } = setUp();
  const claim = { "x-caller-kind": "operator", "x-caller-id": "someone" };
  expect((await app.request("/inside", { headers: claim })).status).toBe(401);
  expect((await app.request("/inside", { headers: { ...claim, "x-gateway-key": "wrong" } })).status).toBe(
    401,
  );
  const inside = await app.request("/inside", { headers: { ...claim, "x-gateway-key": "k".repeat(32) } });
  expect(await inside.json()).toEqual({ kind: "operator", id: "someone" });
});

test("one line is logged for each request, with its trace and without its payload", async () => {
  const { app, lines } = setUp();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await app.request(
    "/echo",
    post('{"name":"private words"}', { "content-type": "application/json", traceparent }),
  );
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    route: "/echo",
    status: 200,
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  });
  expect(JSON.stringify(lines)).not.toContain("private words");
});

test("what services ask each other is logged when it fails", async () => {
  const { app, lines } = setUp();
  const answers = [204, 503];
  app.get("/internal/news", (c) => c.body(null, answers.shift() as 204));
  for (const status of [204, 503]) expect((await app.request("/internal/news")).status).toBe(status);
  expect(lines).toMatchObject([{ route: "/internal/news", status: 503 }]);
});

test("readiness names what is missing and turns away traffic while draining", async () => {
  const { app, health } = setUp();
  health.require("database", () => Promise.reject(Object.assign(new Error("x"), { code: "ECONNREFUSED" })));
  health.report("cache", () => Promise.reject(new Error("secret host")));
  const answer = await app.request("/readyz");
  expect([answer.status, await answer.json()]).toEqual([
    503,
    {
      status: "not ready",
      checks: {
        database: { ready: false, reason: "ECONNREFUSED" },
        cache: { ready: false, reason: "unavailable" },
      },
    },
  ]);
  health.require("database", () => {});
  expect((await app.request("/readyz")).status).toBe(200);
  health.startDraining();
  expect((await app.request("/readyz")).status).toBe(503);
});
