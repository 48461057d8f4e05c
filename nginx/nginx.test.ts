import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { problemOf, startGateway, startUpstream, tokenOf } from "../gateway/gateway.fixture.ts";
import { prepareNginx } from "../stack/nginx.ts";
import { requireServer } from "../stack/servers/missing.ts";
import { startOnOwnPort } from "../tests/harness/own-port.ts";
import {
  inTemporaryFolder,
  removeTemporaryFolder,
  temporaryFolder,
} from "../tests/harness/temporary-folder.ts";
import { until } from "../tests/harness/until.ts";
import { renderNginxConfig } from "./render.ts";

/** A real nginx in front of these gateways; one of them must answer its `/readyz`. */
const startNginx = async (gateways: string[]) => {
  const place = { accessLog: "" };
  const server = await inTemporaryFolder("nginx", (folder) =>
    startOnOwnPort((port) => {
      mkdirSync(join(folder, "logs"), { recursive: true });
      place.accessLog = join(folder, "logs", "access.log");
      const home = { data: folder, logs: join(folder, "logs") };
      return Promise.resolve(prepareNginx({ home, port, gateways, ...place }));
    }),
  );
  return Object.assign(Object.create(server) as typeof server, place);
};

const post = (url: string, body = "{}", headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/transactions`, { method: "POST", body, headers });
const probesAside: (listener: RequestListener) => RequestListener = (listener) => (request, response) =>
  request.url === "/readyz" ? void response.end() : listener(request, response);

test("a request reaches a gateway with its id, and with the client's address put right", async () => {
  await using gateway = await startUpstream();
  await using nginx = await startNginx([gateway.url]);
  const answer = await post(nginx.url, '{"a":1}', {
    "x-request-id": "mine-1",
    "x-forwarded-for": "1.2.3.4",
    "x-real-ip": "1.2.3.4",
  });
  expect([answer.status, answer.headers.get("server")]).toEqual([202, "nginx"]);
  expect(statSync(nginx.accessLog).mode & 0o777).toBe(0o600);
  const seen = gateway.seen.at(-1)!;
  expect(seen).toMatchObject({ url: "/v1/transactions", body: '{"a":1}' });
  expect(seen.headers).toMatchObject({
    "x-request-id": "mine-1",
    "x-forwarded-for": "127.0.0.1",
    "x-real-ip": "127.0.0.1",
  });
  await post(nginx.url, "{}", { "x-request-id": 'evil"id' });
  expect(gateway.seen.at(-1)?.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
  const line = await until(() =>
    readFileSync(nginx.accessLog, "utf8")
      .split("\n")
      .find((l) => l.includes("mine-1")),
  );
  expect(JSON.parse(line)).toMatchObject({ requestId: "mine-1", method: "POST", status: 202 });
});

test("a body over the limit is a problem document of nginx's own, and reaches no gateway", async () => {
  await using gateway = await startUpstream();
  await using nginx = await startNginx([gateway.url]);
  const before = gateway.seen.length;
  const answer = await post(nginx.url, "x".repeat(1_024 * 1_024 + 1), { "x-request-id": "big-1" });
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("x-request-id")).toBe("big-1");
  expect(await problemOf(answer)).toMatchObject({
    status: 413,
    code: "body_too_large",
    instance: "/v1/transactions",
    requestId: "big-1",
  });
  expect(gateway.seen).toHaveLength(before);
});

test("what is not HTTP, and a header that is too long, are 400 as problem documents", async () => {
  await using gateway = await startUpstream();
  await using nginx = await startNginx([gateway.url]);
  const raw = (bytes: string) => {
    const socket = connect(nginx.port, "127.0.0.1");
    socket.write(bytes);
    return text(socket);
  };
  expect(await raw("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")).toMatch(
    /^HTTP\/1.1 400 [^]*"code":"bad_request"/,
  );
  expect(await raw(`GET / HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(9_000)}\r\n\r\n`)).toMatch(
    /"code":"invalid_header"/,
  );
  // What has no path that nginx could read.
  for (const line of [
    "RUBBISH",
    "GET /v1/accounts%00 HTTP/1.1",
    "GET /v1/%zz HTTP/1.1",
    "GET /../.. HTTP/1.1",
    // And what nginx does not know: a version, a coding.
    "GET / HTTP/2.0",
    "POST / HTTP/1.1\r\nTransfer-Encoding: identity",
  ])
    expect(await raw(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 400 [^]*application\/problem\+json[^]*"code":"bad_request"/,
    );
  expect(await raw(`GET /?${"a".repeat(9_000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(
    /^HTTP\/1.1 400 [^]*"code":"invalid_header"/,
  );
  expect(await problemOf(await fetch(`${nginx.url}/nginx/bad-request`))).toMatchObject({
    status: 404,
    code: "route_not_found",
  });
});

test("metrics are not for the public", async () => {
  await using gateway = await startUpstream();
  await using nginx = await startNginx([gateway.url]);
  expect(await problemOf(await fetch(`${nginx.url}/metrics`))).toMatchObject({
    status: 404,
    code: "route_not_found",
  });
});

test("a gateway's own problem passes through untouched", async () => {
  await using service = await startUpstream();
  await using gateway = await startGateway([service.url]);
  await using nginx = await startNginx([gateway.url]);
  const answer = await post(nginx.url);
  expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  expect(await problemOf(answer)).toMatchObject({ status: 401, code: "unauthenticated" });
  const token = await tokenOf("0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c");
  expect((await post(nginx.url, "{}", { authorization: `Bearer ${token}` })).status).toBe(202);
});

test("a gateway that is gone is passed over, also for a POST; with none left it is 502 with Retry-After", async () => {
  await using staying = await startUpstream();
  await using leaving = await startUpstream();
  await using nginx = await startNginx([staying.url, leaving.url]);
  await leaving[Symbol.asyncDispose]();
  const answers = await Promise.all(Array.from({ length: 20 }, () => post(nginx.url)));
  expect(answers.every(({ status }) => status === 202)).toBe(true);

  await staying[Symbol.asyncDispose]();
  const answer = await post(nginx.url);
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(await problemOf(answer)).toMatchObject({ status: 502, code: "bad_gateway" });
});

test("a POST whose connection breaks is not repeated, a GET is", async () => {
  const breaking = probesAside((request) => request.socket.destroy());
  await using one = await startUpstream(breaking);
  await using other = await startUpstream(breaking);
  await using nginx = await startNginx([one.url, other.url]);
  const sent = (method: string) =>
    [...one.seen, ...other.seen].filter((seen) => seen.method === method && seen.url !== "/readyz").length;
  expect((await fetch(`${nginx.url}/v1/auth/login`, { method: "POST", body: "{}" })).status).toBe(502);
  expect(sent("POST")).toBe(1);
  // Gateways that just failed rest for two seconds: asked sooner, they would take turns in it for ever.
  await until(
    async () => {
      const before = sent("GET");
      await fetch(`${nginx.url}/v1/nothing`);
      return sent("GET") - before === 2;
    },
    { every: 2_500 },
  );
});

test("an event whose connection breaks goes to the other gateway, under the same delivery id", async () => {
  await using breaking = await startUpstream(probesAside((request) => request.socket.destroy()));
  await using alive = await startUpstream();
  await using nginx = await startNginx([breaking.url, alive.url]);
  const events = ({ seen }: { seen: typeof alive.seen }) => seen.filter(({ method }) => method === "POST");
  await until(async () => {
    expect((await post(nginx.url, "{}", { "x-delivery-id": "0".repeat(32) })).status).toBe(202);
    return events(breaking).length > 0;
  });
  const ids = events(alive).map(({ headers }) => headers["x-delivery-id"]);
  expect(ids).toContain(events(breaking)[0]!.headers["x-delivery-id"]);
  expect(ids).not.toContain("0".repeat(32));
});

test("a gateway that stops in order under load loses nothing", async () => {
  await using service = await startUpstream();
  const [leaving, staying] = await Promise.all([startGateway([service.url]), startGateway([service.url])]);
  await using nginx = await startNginx([leaving.url, staying.url]);
  const over = new AbortController();
  const failures: number[] = [];
  let answered = 0;
  const client = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await fetch(`${nginx.url}/problems/rate_limited`);
      await answer.text();
      if (answer.status === 200) answered++;
      else failures.push(answer.status);
    }
  };
  const clients = Array.from({ length: 16 }, client);
  await until(() => answered > 300);
  await leaving.stop();
  const before = answered;
  await until(() => answered > before + 300);
  over.abort();
  await Promise.all(clients);
  await staying.stop();
  expect(failures).toEqual([]);
});

test("nginx accepts both variants: the one of npm start, and the container's on a version that knows `resolve`", () => {
  const folder = temporaryFolder("nginx-check");
  const parts = join(dirname(fileURLToPath(import.meta.url)), "parts");
  const container = readFileSync(join(parts, "..", "nginx.conf"), "utf8")
    // First, for the package itself may lie under /tmp.
    .replaceAll(/\/(?:tmp|var\/spool\/nginx)\//g, `${folder}/`)
    .replaceAll("/etc/nginx/parts", parts)
    // This machine's nginx may be older, and has no such name.
    .replace("server gateway:8080 resolve", "server 127.0.0.1:8080");
  const local = renderNginxConfig({
    listen: { host: "127.0.0.1", port: 1 },
    gateways: ["127.0.0.1:2"],
    folder,
  });
  for (const config of [container, local]) {
    const file = join(folder, "check.conf");
    writeFileSync(file, config);
    const check = spawnSync(requireServer("nginx"), ["-t", "-q", "-c", file, "-p", folder, "-e", "stderr"], {
      // Not a socket, which /dev/stdout could not be opened as.
      stdio: ["ignore", "ignore", "pipe"],
    });
    expect(check.stderr.toString()).not.toContain("[emerg]");
    expect(check.status).toBe(0);
  }
  removeTemporaryFolder(folder);
});

test("a path or a list that would break the configuration is refused", () => {
  const listen = { host: "127.0.0.1", port: 1 };
  expect(() => renderNginxConfig({ listen, gateways: [], folder: "/tmp" })).toThrow("at least one gateway");
  expect(() => renderNginxConfig({ listen, gateways: ["a:1"], folder: '/tmp/"; user root' })).toThrow("path");
});
