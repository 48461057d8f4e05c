import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { Hono } from "hono";
import { expect, test } from "vitest";
import type { App } from "../../platform/http/create-app.ts";
import { serveHttp } from "../../platform/http/serve.ts";
import { until } from "../../tests/harness/until.ts";
import { INTERNAL_KEY, NOBODY, problemOf, startGateway, startUpstream, tokenOf } from "../gateway.fixture.ts";
import { pickReplica } from "./pick-replica.ts";
import type { Replica } from "./replica.ts";
import { resolveAddresses } from "./resolve-addresses.ts";
import { connectUpstream } from "./upstream.ts";

const USER = "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c";
const post = (url: string): Promise<Response> =>
  fetch(`${url}/v1/emotions/stream`, {
    method: "POST",
    headers: { "x-internal-key": INTERNAL_KEY },
    body: "{}",
  });
const get = async (url: string): Promise<Response> =>
  fetch(`${url}/v1/users/${USER}/offers`, { headers: { authorization: `Bearer ${await tokenOf(USER)}` } });

test("a replica that refuses connections is passed over, also for a POST", async () => {
  await using alive = await startUpstream();
  await using gateway = await startGateway([NOBODY, alive.url]);
  const answers = await Promise.all(Array.from({ length: 40 }, () => post(gateway.url)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 202));
  expect(alive.seen).toHaveLength(40);
});

test("with no replica left the answer is 503 with Retry-After", async () => {
  await using gateway = await startGateway([NOBODY]);
  const answer = await post(gateway.url);
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(await problemOf(answer)).toMatchObject({ status: 503, code: "service_unavailable" });
});

test("a POST whose connection breaks is 502 and is not sent to another replica", async () => {
  await using breaking = await startUpstream((request) => request.socket.destroy());
  await using other = await startUpstream((request) => request.socket.destroy());
  await using gateway = await startGateway([breaking.url, other.url]);
  const answer = await fetch(`${gateway.url}/v1/auth/login`, { method: "POST", body: "{}" });
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(await problemOf(answer)).toMatchObject({ status: 502, code: "bad_gateway" });
  expect(breaking.seen.length + other.seen.length).toBe(1);
});

test("an event whose connection breaks goes to another replica, under the same delivery id", async () => {
  await using breaking = await startUpstream((request) => request.socket.destroy());
  await using alive = await startUpstream();
  await using gateway = await startGateway([breaking.url, alive.url]);
  for (let asked = 0; asked < 4; asked++) expect((await post(gateway.url)).status).toBe(202);
  const [first] = breaking.seen;
  const ids = alive.seen.map(({ headers }) => headers["x-delivery-id"]);
  expect(ids).toContain(first!.headers["x-delivery-id"]);
  expect(new Set(ids).size).toBe(4);
});

test("a GET whose connection breaks is asked of another replica", async () => {
  await using breaking = await startUpstream((request) => request.socket.destroy());
  await using alive = await startUpstream();
  await using gateway = await startGateway([breaking.url, alive.url]);
  for (let asked = 0; asked < 4; asked++) expect((await get(gateway.url)).status).toBe(202);
  expect(alive.seen).toHaveLength(4);
  // Once, where the four take no longer than one that failed is avoided.
  expect(breaking.seen.length).toBeGreaterThan(0);
  expect(await gateway.metrics.metrics()).toContain(
    `gateway_upstream_retries_total{upstream="credit-service"} ${breaking.seen.length}\n`,
  );
});

test(
  "a service that hangs is 504 within the budget, and is not waited for after",
  // Less than the budget that is set where there is no other.
  { timeout: 8_000 },
  async () => {
    await using hanging = await startUpstream(() => {});
    await using gateway = await startGateway([hanging.url], { UPSTREAM_TIMEOUT_MS: "200" });
    expect(await problemOf(await post(gateway.url))).toMatchObject({ status: 504, code: "gateway_timeout" });
    expect(await gateway.metrics.metrics()).toMatch(/gateway_upstream_in_flight\{[^}]*emotion[^}]*\} 0/);
  },
);

test("of bodies for a service that does not answer only so much is held, and every other request goes on", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let waiting = 0;
  await using upstream = await startUpstream((request, response) => {
    if (request.method === "GET") return response.end("{}");
    waiting++;
    return void released.then(() => response.end("{}"));
  });
  await using gateway = await startGateway([upstream.url]);
  const authorization = `Bearer ${await tokenOf(USER)}`;
  const body = " ".repeat(1_024 * 1_024);
  const transfer = (): Promise<Response> =>
    fetch(`${gateway.url}/v1/transfers`, { method: "POST", headers: { authorization }, body });

  const held = Array.from({ length: 24 }, transfer);
  await until(() => waiting === 24);
  const refused = await transfer();
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await problemOf(refused)).toMatchObject({ status: 503, code: "service_unavailable" });
  expect((await get(gateway.url)).status).toBe(200);
  const elsewhere = post(gateway.url);
  await until(() => waiting === 25);
  release();
  expect((await Promise.all([...held, elsewhere])).map(({ status }) => status)).toEqual(
    Array.from({ length: 25 }, () => 200),
  );
  expect((await transfer()).status).toBe(200);
});

test("what no service of HTTP answers is 502", async () => {
  const garbage = createServer((socket) => void socket.once("data", () => socket.end("not http\r\n\r\n")));
  garbage.listen(0, "127.0.0.1");
  await once(garbage, "listening");
  await using gateway = await startGateway([`http://127.0.0.1:${(garbage.address() as AddressInfo).port}`]);
  expect(await problemOf(await post(gateway.url))).toMatchObject({ status: 502 });
  garbage.close();
});

test("a slow replica gets less: requests go where the least is in flight", async () => {
  const enough = Promise.withResolvers<void>();
  await using slow = await startUpstream(
    (_request, response) => void enough.promise.then(() => response.end()),
  );
  await using fast = await startUpstream();
  await using gateway = await startGateway([slow.url, fast.url]);
  let answered = 0;
  const waiting = [1, 2, 3].map(() => post(gateway.url).finally(() => answered++));
  // Of the three, those at the fast one are answered: as long as they are not it has as much in flight.
  await until(() => slow.seen.length > 0 && slow.seen.length + answered === 3);
  for (let sent = 0; sent < 20; sent++) await post(gateway.url);
  expect(slow.seen.length).toBeLessThanOrEqual(3);
  expect(fast.seen.length).toBeGreaterThanOrEqual(20);
  enough.resolve();
  await Promise.all(waiting);
});

test("equals take turns; one that failed comes last, and one that was tried not at all", () => {
  const replica = (url: string, differs: Partial<Replica> = {}) =>
    ({ url, inFlight: 0, avoidedUntil: 0, failures: 0, ...differs }) as Replica;
  const [a, b] = [replica("a"), replica("b")];
  expect([0, 1, 2, 3].map((turn) => pickReplica([a, b], [], turn, 0)?.url)).toEqual(["a", "b", "a", "b"]);
  const busy = replica("busy", { inFlight: 1 });
  const failed = replica("failed", { avoidedUntil: 10, failures: 1 });
  const stopping = replica("stopping", { avoidedUntil: 10 });
  expect(pickReplica([failed, busy], [], 0, 5)).toBe(busy);
  expect(pickReplica([failed, busy], [], 0, 11)).toBe(failed);
  expect(pickReplica([failed, stopping], [], 0, 5)).toBe(stopping);
  expect(pickReplica([failed, busy], [busy], 0, 5)).toBe(failed);
  expect(pickReplica([busy], [busy], 0, 5)).toBeUndefined();
});

test("a name stands for all its addresses, an address for itself", async () => {
  const lookUp = () => Promise.resolve(["10.0.0.2", "10.0.0.1", "fd00::1"]);
  expect(await resolveAddresses(["http://service:8080", "http://127.0.0.1:1"], lookUp)).toEqual(
    [
      "http://10.0.0.1:8080",
      "http://10.0.0.2:8080",
      "http://127.0.0.1:1",
      "http://[fd00::1]:8080",
    ].toSorted(),
  );
});

test("replicas come and go with the name's addresses; a resolver that fails takes nobody away", async () => {
  let addresses: string[] | Error = ["10.0.0.1"];
  const upstream = await connectUpstream({
    name: "credit-service",
    urls: ["http://service:80"],
    resolveEveryMs: 10,
    lookUp: () => (addresses instanceof Error ? Promise.reject(addresses) : Promise.resolve(addresses)),
  });
  const urls = () => upstream.replicas.map(({ url }) => url).join();
  const [first] = upstream.replicas;
  expect(urls()).toBe("http://10.0.0.1");
  addresses = ["10.0.0.1", "10.0.0.2"];
  await until(() => urls() === "http://10.0.0.1,http://10.0.0.2");
  expect(upstream.replicas[0]).toBe(first);
  let asked = 0;
  addresses = new Error("no resolver");
  await until(() => ++asked > 3, { every: 20 });
  expect(urls()).toBe("http://10.0.0.1,http://10.0.0.2");
  addresses = ["10.0.0.2"];
  await until(() => urls() === "http://10.0.0.2");
  expect(first?.pool.closed).toBe(true);
  await upstream.close();
});

test("a service that stops in order under load loses nothing", async () => {
  const replica = () => {
    const app = new Hono().all("*", async (c) => {
      await c.req.text();
      return c.json({}, 202);
    });
    return serveHttp(app as unknown as App, { host: "127.0.0.1", port: 0 });
  };
  const [leaving, staying] = await Promise.all([replica(), replica()]);
  const gateway = await startGateway([leaving.url, staying.url]);
  const failures: number[] = [];
  let answered = 0;
  const over = new AbortController();
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const { status } = await post(gateway.url);
      if (status === 202) answered++;
      else failures.push(status);
    }
  };
  const clients = Array.from({ length: 16 }, client);
  await until(() => answered > 200);
  await leaving.stop();
  const before = answered;
  await until(() => answered > before + 200);
  over.abort();
  await Promise.all(clients);
  expect(failures).toEqual([]);
  await gateway.stop();
  await staying.stop();
});
