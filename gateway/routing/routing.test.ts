import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { contractRoutes } from "../../tests/harness/contract-routes.ts";
import { INTERNAL_KEY, problemOf, startGateway, startUpstream, tokenOf } from "../gateway.fixture.ts";

const EMOTIONS = "/v1/emotions/stream";
const KEY = { "x-internal-key": INTERNAL_KEY };

const setUp = async (settings: Record<string, string> = {}) => {
  const stack = new AsyncDisposableStack();
  const upstream = stack.use(await startUpstream());
  const gateway = stack.use(await startGateway([upstream.url], settings));
  return { upstream, gateway, [Symbol.asyncDispose]: () => stack.disposeAsync() };
};

/** Writes bytes as they are: what a well-behaved client never sends. */
const raw = async (url: string, ...parts: string[]): Promise<string> => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  for (const part of parts) socket.write(part);
  return text(socket);
};

test("an unknown route is 404, a known path with another method 405 with Allow", async () => {
  await using it = await setUp();
  expect(await problemOf(await fetch(`${it.gateway.url}/v1/nothing`))).toMatchObject({
    status: 404,
    code: "route_not_found",
    instance: "/v1/nothing",
  });
  for (const method of ["GET", "HEAD", "DELETE", "PATCH"]) {
    const answer = await fetch(it.gateway.url + EMOTIONS, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST, OPTIONS"]);
  }
  const options = await fetch(`${it.gateway.url}/v1/users/${randomUUID()}/offers`, { method: "OPTIONS" });
  expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
  expect(it.upstream.seen).toEqual([]);
});

test("a path id that is no UUID is 400, and never reaches the service", async () => {
  await using it = await setUp();
  const authorization = `Bearer ${await tokenOf(randomUUID())}`;
  for (const id of ["42", "..%2f..%2fetc", "'; drop table users"]) {
    const answer = await fetch(`${it.gateway.url}/v1/users/${encodeURIComponent(id)}/offers`, {
      headers: { authorization },
    });
    expect(await problemOf(answer)).toMatchObject({ status: 400, code: "invalid_path" });
  }
  expect(it.upstream.seen).toEqual([]);
});

test("a path whose escapes are not UTF-8 is 400: it would mean another id", async () => {
  await using it = await setUp();
  const authorization = `Bearer ${await tokenOf(randomUUID(), { role: "operator" })}`;
  for (const id of ["%FF", "%ED%A0%80", "a%zz", "%C3"]) {
    const answer = await fetch(`${it.gateway.url}/api/v1/accounts/${id}`, { headers: { authorization } });
    expect(await problemOf(answer)).toMatchObject({
      status: 400,
      code: "invalid_path",
      errors: [{ pointer: "/account_id" }],
    });
  }
  const link = `/v1/partners/${randomUUID()}/users/%ff?cursor=%ff`;
  const unlinked = await fetch(it.gateway.url + link, { method: "DELETE", headers: { authorization } });
  expect(await problemOf(unlinked)).toMatchObject({ errors: [{ pointer: "/external_user_id" }] });
  expect(it.upstream.seen).toEqual([]);
  await fetch(`${it.gateway.url}/api/v1/accounts/%25FF%C3%A9`, { headers: { authorization } });
  expect(it.upstream.seen).toMatchObject([{ url: "/api/v1/accounts/%25FF%C3%A9" }]);
});

test("an Idempotency-Key that is there twice is 400 and named; one with a comma is one", async () => {
  await using it = await setUp();
  const authorization = `Bearer ${await tokenOf(randomUUID())}`;
  const send = (...keys: string[]) =>
    raw(
      it.gateway.url,
      `POST /v1/transfers HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${authorization}\r\n`,
      ...keys.map((key) => `Idempotency-Key: ${key}\r\n`),
      "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    );
  for (const keys of [
    ["a", "b"],
    ["a", "a"],
    ["", "b"],
  ]) {
    const refused = await send(...keys);
    expect(refused).toContain("HTTP/1.1 400");
    expect(refused).toContain('"code":"invalid_header"');
    expect(refused).toContain('"errors":[{"pointer":"/idempotency-key","detail":"must be given once"}]');
  }
  expect(it.upstream.seen).toEqual([]);
  expect(await send("a, b")).toContain("HTTP/1.1 202");
  expect(it.upstream.seen[0]?.headers["idempotency-key"]).toBe("a, b");
});

test("path, query and body go through as they are, and the answer comes back", async () => {
  await using it = await setUp();
  const user = randomUUID();
  const authorization = `Bearer ${await tokenOf(user)}`;
  await fetch(`${it.gateway.url}/v1/users/${user}/offers?page=2&page_size=%31`, {
    headers: { authorization },
  });
  expect(it.upstream.seen[0]).toMatchObject({
    method: "GET",
    url: `/v1/users/${user}/offers?page=2&page_size=%31`,
  });
  const body = '{"not": json, \u00e9 ';
  const answer = await fetch(it.gateway.url + EMOTIONS, { method: "POST", headers: KEY, body });
  expect(it.upstream.seen[1]?.body).toBe(body);
  expect([answer.status, await answer.json()]).toEqual([202, { status: "event received" }]);
});

test("an answer carries the request id and what keeps browsers safe, and nothing about the inside", async () => {
  await using it = await setUp();
  const answer = await fetch(it.gateway.url + EMOTIONS, {
    method: "POST",
    headers: { ...KEY, "x-request-id": "mine-1" },
    body: "{}",
  });
  expect(it.upstream.seen[0]?.headers["x-request-id"]).toBe("mine-1");
  expect(it.upstream.seen[0]?.headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "x-request-id": "mine-1",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  });
  expect(answer.headers.has("x-powered-by")).toBe(false);
});

test("headers for one hop end here, those that Connection names included", async () => {
  await using it = await setUp();
  await raw(
    it.gateway.url,
    `POST ${EMOTIONS} HTTP/1.1\r\nHost: x\r\nX-Internal-Key: ${INTERNAL_KEY}\r\nConnection: close, X-Secret\r\n`,
    "X-Secret: 1\r\nTE: trailers\r\nProxy-Authorization: x\r\nKeep-Alive: 5\r\nX-Kept: 1\r\nContent-Length: 2\r\n\r\n{}",
  );
  const { headers } = it.upstream.seen[0]!;
  expect(headers["x-kept"]).toBe("1");
  for (const name of ["x-secret", "te", "proxy-authorization"]) expect(headers).not.toHaveProperty(name);
});

test("a body over the limit is 413, announced or not", async () => {
  await using it = await setUp({ BODY_LIMIT_BYTES: "1024" });
  const announced = await fetch(it.gateway.url + EMOTIONS, {
    method: "POST",
    headers: KEY,
    body: "x".repeat(1_025),
  });
  expect(await problemOf(announced)).toMatchObject({ status: 413, code: "body_too_large" });
  const chunk = `400\r\n${"x".repeat(1_024)}\r\n`;
  const head = `POST ${EMOTIONS} HTTP/1.1\r\nHost: x\r\nX-Internal-Key: ${INTERNAL_KEY}\r\nTransfer-Encoding: chunked\r\n\r\n`;
  expect(await raw(it.gateway.url, head, chunk, chunk)).toMatch(/^HTTP\/1.1 413 /);
  const fitting = await fetch(it.gateway.url + EMOTIONS, {
    method: "POST",
    headers: KEY,
    body: "x".repeat(1_024),
  });
  expect(fitting.status).toBe(202);
  expect(it.upstream.seen).toHaveLength(1);
});

test("a body that stops arriving is 408, and never reaches the service", async () => {
  await using it = await setUp({ BODY_IDLE_MS: "100" });
  const head = `POST ${EMOTIONS} HTTP/1.1\r\nHost: x\r\nX-Internal-Key: ${INTERNAL_KEY}\r\nContent-Length: 9\r\n\r\n`;
  expect(await raw(it.gateway.url, head, "{")).toMatch(/^HTTP\/1.1 408 [^]*"code":"request_timeout"/);
  expect(it.upstream.seen).toEqual([]);
});

test("the reference is complete, served by us, and safe from scripts of others", async () => {
  await using it = await setUp();
  const page = await fetch(`${it.gateway.url}/docs`);
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self';");
  for (const [, asset] of (await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect(asset).toMatch(/^\//);
    expect((await fetch(it.gateway.url + asset)).status).toBe(200);
  }
  const document = (await (await fetch(`${it.gateway.url}/openapi.json`)).json()) as { paths: object };
  const paths = new Set((await contractRoutes()).map(({ path }) => path));
  expect(Object.keys(document.paths).toSorted()).toEqual([...paths].toSorted());
  expect((await fetch(`${it.gateway.url}/problems/rate_limited`)).status).toBe(200);
  expect((await fetch(`${it.gateway.url}/problems/toString`)).status).toBe(404);
});
