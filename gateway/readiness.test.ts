import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { until } from "../tests/harness/until.ts";
import { NOBODY, startGateway, startUpstream } from "./gateway.fixture.ts";

type Checks = Record<string, { ready: boolean; reason?: string; replicas?: number; reachable?: number }>;

const SERVER = `
  const server = require("node:http").createServer((_request, response) => response.end("{}"));
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;

/** A service in a process of its own, which can be frozen. */
const startProcess = async () => {
  const child: ChildProcess = spawn(process.execPath, ["-e", SERVER], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return {
    url: `http://127.0.0.1:${port}`,
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    [Symbol.dispose]: () => void child.kill("SIGKILL"),
  };
};

const readinessOf = async (gateway: { url: string }) => {
  const answer = await fetch(`${gateway.url}/readyz`);
  const { status, checks } = (await answer.json()) as { status: string; checks: Checks };
  return { code: answer.status, status, checks };
};

/** A replica that answers late on a busy machine is asked again. */
const shows = (gateway: { url: string }, checks: object, code = 200) =>
  until(
    async () => {
      const readiness = await readinessOf(gateway);
      expect(readiness).toMatchObject({ code, checks });
      return readiness;
    },
    { what: "these checks" },
  );

test("with every replica frozen, whose kernel still takes connections, a gateway is not ready", async () => {
  using one = await startProcess();
  using other = await startProcess();
  await using gateway = await startGateway([one.url, other.url]);
  const both = { ready: true, replicas: 2, reachable: 2 };
  await shows(gateway, { "credit-service": both });

  one.freeze();
  other.freeze();
  const nobody = { ready: false, reason: "NO_REPLICA" };
  await shows(gateway, { services: nobody, "credit-service": nobody }, 503);

  one.thaw();
  await shows(gateway, { "credit-service": { ready: true, replicas: 2, reachable: 1 } });
});

test("one service that is frozen or gone is shown, and takes the gateway out of no traffic that needs it not", async () => {
  using frozen = await startProcess();
  await using alive = await startUpstream((_request, response) => void response.end("{}"));
  frozen.freeze();
  await using gateway = await startGateway([alive.url], {
    LEDGER_SERVICE_URL: frozen.url,
    DEAD_LETTER_URL: NOBODY,
  });
  const { status } = await shows(gateway, {
    services: { ready: true, services: 5, reachable: 3 },
    "ledger-service": { ready: false, reason: "NO_REPLICA" },
    "dead-letter": { ready: false, reason: "NO_REPLICA" },
    "emotion-ingestion": { ready: true },
  });
  expect(status).toBe("ready");
});

test("however many ask whether a gateway is ready, a service is asked once a second", async () => {
  await using service = await startUpstream((_request, response) => void response.end("{}"));
  await using gateway = await startGateway([service.url]);
  const started = performance.now();
  await Promise.all(Array.from({ length: 50 }, () => readinessOf(gateway)));
  const seconds = Math.ceil((performance.now() - started) / 1_000);
  expect(service.seen.length).toBeGreaterThan(0);
  // Five services stand behind one address here.
  expect(service.seen.length).toBeLessThanOrEqual(5 * seconds);
});
