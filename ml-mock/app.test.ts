import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createHealth } from "../platform/http/health.ts";
import { createLogger } from "../platform/observability/logger.ts";
import { createApp } from "./app.ts";

const ADMIN_KEY = "an-admin-key-that-is-long-enough-for-tests";
const logger = createLogger({ PROCESS_NAME: "ml-mock", LOG_LEVEL: "silent" });

const model = (options: { adminKey?: string; random?: () => number } = { adminKey: ADMIN_KEY }) => {
  const app = createApp({ logger, metrics: new Registry(), health: createHealth(), ...options });
  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    app.request(path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    predict: (body: unknown) => send("POST", "/v1/predict", body),
    faults: (method: string, body?: unknown, key = ADMIN_KEY) =>
      send(method, "/admin/faults", body, { "x-admin-key": key }),
  };
};

const known = {
  transaction_count_30d: 12,
  avg_transaction_value_30d: 45.5,
  avg_positivity_7d: 0.62,
  stress_events_30d: 2,
};

describe("POST /v1/predict", () => {
  test("answers with a score, the model's version and what each feature contributed", async () => {
    const response = await model().predict(known);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      risk_score: expect.closeTo(0.2, 1) as number,
      model_version: "scorecard-1.0.0",
      contributions: Object.fromEntries(Object.keys(known).map((name) => [name, expect.any(Number)])),
    });
  });

  test("every feature may be null", async () => {
    const unknown = Object.fromEntries(Object.keys(known).map((name) => [name, null]));
    expect((await model().predict(unknown)).status).toBe(200);
  });

  test.each([
    ["a missing feature", { ...known, stress_events_30d: undefined }, "/stress_events_30d"],
    ["half a transaction", { ...known, transaction_count_30d: 1.5 }, "/transaction_count_30d"],
    ["positivity above 1", { ...known, avg_positivity_7d: 1.1 }, "/avg_positivity_7d"],
    ["a text", { ...known, avg_transaction_value_30d: "45" }, "/avg_transaction_value_30d"],
  ])("%s is refused, by name", async (_, body, pointer) => {
    const response = await model().predict(body);
    expect(response.status).toBe(422);
    expect(((await response.json()) as { errors: { pointer: string }[] }).errors[0]?.pointer).toBe(pointer);
  });
});

describe("fault injection", () => {
  test("an error rate makes that share of predictions fail", async () => {
    const draws = [0.2, 0.7];
    const { predict, faults } = model({ adminKey: ADMIN_KEY, random: () => draws.shift()! });
    await faults("PUT", { errorRate: 0.5 });
    expect((await predict(known)).status).toBe(500);
    expect((await predict(known)).status).toBe(200);
  });

  test("a malformed answer is 200 and not JSON", async () => {
    const { predict, faults } = model();
    await faults("PUT", { malformed: true });
    const response = await predict(known);
    expect(response.status).toBe(200);
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  test("latency delays the answer", async () => {
    const { predict, faults } = model();
    await faults("PUT", { latencyMs: 80 });
    const started = performance.now();
    await predict(known);
    expect(performance.now() - started).toBeGreaterThan(75);
  });

  test("a hanging prediction is released when the faults end", async () => {
    const { predict, faults } = model();
    await faults("PUT", { hang: true });
    let answered = false;
    const hanging = Promise.resolve(predict(known)).then((response) => {
      answered = true;
      return response;
    });
    expect(await (await faults("GET")).json()).toMatchObject({ hang: true });
    expect(answered).toBe(false);
    expect(await (await faults("DELETE")).json()).toEqual({
      latencyMs: 0,
      errorRate: 0,
      hang: false,
      malformed: false,
    });
    expect((await hanging).status).toBe(200);
  });

  test("a wrong admin key changes nothing", async () => {
    const { predict, faults } = model();
    expect((await faults("PUT", { errorRate: 1 }, "wrong")).status).toBe(401);
    expect((await predict(known)).status).toBe(200);
  });

  test("an unknown fault is refused, by name", async () => {
    const response = await model().faults("PUT", { latency: 5 });
    expect(response.status).toBe(422);
  });

  test("without an admin key configured there is no such route", async () => {
    expect((await model({}).faults("PUT", { errorRate: 1 })).status).toBe(404);
  });
});
