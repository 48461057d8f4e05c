import { describe, expect, it } from "vitest";
import { until } from "../harness/until.ts";
import { send } from "./support/client.ts";
import { stack } from "./support/stack.ts";

describe("health", () => {
  it("GET /healthz is 200", async () => {
    const answer = await send("GET", "/healthz");
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ status: "ok" });
  });

  it("GET /readyz is 200 and shows what was checked", async () => {
    const answer = await send<{ status: string; checks: Record<string, { ready: boolean }> }>(
      "GET",
      "/readyz",
    );
    expect(answer.status).toBe(200);
    expect(answer.body.status).toBe("ready");
    const checks = Object.values(answer.body.checks);
    expect(checks.length).toBeGreaterThan(0);
    expect(checks.filter(({ ready }) => !ready)).toEqual([]);
  });

  it("GET /metrics is not for the public", async () => {
    expect((await send("GET", "/metrics")).status).toBe(404);
  });

  it("every process of the stack is healthy, ready and measured on its own port", async () => {
    const processes = stack().processes.filter(
      ({ name, url }) => url?.startsWith("http") && name !== "nginx",
    );
    expect(processes.length).toBeGreaterThanOrEqual(14);
    const ask =
      ({ name, url }: (typeof processes)[number]) =>
      async () => {
        const [health, readiness, metrics] = await Promise.all(
          ["/healthz", "/readyz", "/metrics"].map((path) => fetch(new URL(path, url))),
        );
        const measured = (await metrics?.text())?.includes("process_cpu_seconds_total");
        await Promise.all([health?.text(), readiness?.text()]);
        expect({ health: health?.status, readiness: readiness?.status, measured }).toEqual({
          health: 200,
          readiness: 200,
          measured: true,
        });
        return name;
      };
    // All at once: a gateway may find a service late for a moment, and is asked again.
    const found = await Promise.all(processes.map((each) => until(ask(each), { what: each.name })));
    expect(found).toEqual(processes.map(({ name }) => name));
  });

  it("services answer nobody but the gateway", async () => {
    const services = stack().processes.filter(({ name }) =>
      /^(credit-service|\w+-ingestion)-\d+$/.test(name),
    );
    expect(services.length).toBeGreaterThanOrEqual(6);
    const forged = {
      "x-caller-kind": "internal",
      "x-gateway-key": "k".repeat(48),
      "content-type": "application/json",
    };
    for (const { url } of services) {
      for (const path of ["/v1/emotions/stream", "/v1/transactions", "/v1/auth/login"]) {
        const response = await fetch(new URL(path, url), { method: "POST", headers: forged, body: "{}" });
        await response.text();
        expect([401, 404]).toContain(response.status);
      }
    }
  });
});
