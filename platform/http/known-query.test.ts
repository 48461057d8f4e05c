import { createRoute, z } from "@hono/zod-openapi";
import pino from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createHttpApp } from "./create-app.ts";
import { createHealth } from "./health.ts";

type Problem = { code: string; detail: string; errors: { pointer: string; detail: string }[] };

const setUp = () => {
  const done: string[] = [];
  const app = createHttpApp({
    logger: pino({ level: "silent" }),
    metrics: new Registry(),
    health: createHealth(),
  });
  const responses = { 200: { description: "" } };
  const query = z
    .object({
      userId: z.string().optional(),
      page_size: z.string().optional(),
      status: z.string().optional(),
    })
    .refine(({ status }) => status !== "never");
  app.openapi(createRoute({ method: "get", path: "/things", request: { query }, responses }), (c) => {
    done.push("list");
    return c.body(null);
  });
  app.openapi(createRoute({ method: "post", path: "/things", responses }), (c) => {
    done.push("post");
    return c.body(null);
  });
  const ask = async (method: string, path: string) => {
    const answer = await app.request(path, { method });
    return {
      status: answer.status,
      problem: answer.status === 200 ? null : ((await answer.json()) as Problem),
    };
  };
  return { ask, done };
};

test.each([
  ["user", "userId"],
  ["userid", "userId"],
  ["user_id", "userId"],
  ["pageSize", "page_size"],
  ["stauts", "status"],
])("%s is 400, asks whether %s was meant, and does nothing", async (given, meant) => {
  const { ask, done } = setUp();
  const { status, problem } = await ask("GET", `/things?${given}=1`);
  expect([status, problem?.code, problem?.detail]).toEqual([
    400,
    "invalid_query",
    `Unknown in the query: ${given}`,
  ]);
  expect(problem?.errors).toEqual([
    {
      pointer: `/${given}`,
      detail: `is not taken here, ${meant} is: this route takes userId, page_size, status`,
    },
  ]);
  expect(done).toEqual([]);
});

test("one that resembles nothing hears what there is; a route without any says so, and does nothing", async () => {
  const { ask, done } = setUp();
  const list = await ask("GET", "/things?colour=red&status=open");
  expect(list.problem?.errors).toEqual([
    { pointer: "/colour", detail: "is not taken here: this route takes userId, page_size, status" },
  ]);
  const post = await ask("POST", "/things?dryRun=true");
  expect([post.status, post.problem?.errors[0]]).toEqual([
    400,
    { pointer: "/dryRun", detail: "is not taken here: this route takes no parameters in its query" },
  ]);
  expect(done).toEqual([]);
});

test("a known one given twice is 400, whatever its values", async () => {
  const { ask, done } = setUp();
  const { status, problem } = await ask("GET", "/things?status=a&status=a");
  expect([status, problem?.detail]).toEqual([400, "Repeated in the query: status"]);
  expect(problem?.errors).toEqual([{ pointer: "/status", detail: "must be given once" }]);
  expect(done).toEqual([]);
});

test("known ones, escaped or not, and an empty query are taken", async () => {
  const { ask, done } = setUp();
  for (const query of ["", "?", "?&&", "?userId=1&status=", "?user%49d=1"])
    expect((await ask("GET", `/things${query}`)).status, query).toBe(200);
  expect(done).toHaveLength(5);
});

test("probes, scrapers and browsers may add what they like", async () => {
  const { ask } = setUp();
  expect((await ask("GET", "/healthz?cb=1&cb=2")).status).toBe(200);
});

test("a client's nonsense comes back shortened, and not without end", async () => {
  const { ask } = setUp();
  const names = Array.from({ length: 1_000 }, (_, n) => `${"x/".repeat(100)}${n}`);
  const { problem } = await ask("GET", `/things?${names.join("&")}`);
  expect(problem?.errors).toHaveLength(10);
  expect(problem?.errors[0]?.pointer).toBe(`/${"x~1".repeat(32)}…`);
});
