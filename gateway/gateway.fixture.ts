import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";
import { pino } from "pino";
import { Registry } from "prom-client";
import { connectRedis } from "../platform/cache/redis.ts";
import { createHealth } from "../platform/http/health.ts";
import { serveHttp } from "../platform/http/serve.ts";
import { createGateway } from "./app.ts";
import { createRevocations } from "./identity/revocations.ts";
import type { Revocations } from "./identity/revocations.ts";
import { readConfig } from "./config.ts";
import { connectUpstreams } from "./upstreams/connect-upstreams.ts";

export const JWT_SECRET = "jwt-secret-for-tests-only-0123456789abcdef";
export const INTERNAL_KEY = "internal-key-for-tests-only-0123456789abcdef";
export const GATEWAY_KEY = "gateway-key-for-tests-only-0123456789abcdef";
/** Nothing listens there: the port is privileged and unassigned. */
export const NOBODY = "http://127.0.0.1:1";

export type SeenRequest = { method: string; url: string; headers: IncomingHttpHeaders; body: string };
export type TestUpstream = AsyncDisposable & { url: string; server: Server; seen: SeenRequest[] };

/** A real service that remembers what reaches it; unless told otherwise it is well, and answers 202. */
export const startUpstream = async (listener?: RequestListener): Promise<TestUpstream> => {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      if (listener) return listener(request, response);
      const status = request.url === "/healthz" ? 200 : 202;
      response.writeHead(status, { "content-type": "application/json", "x-powered-by": "test" });
      response.end('{"status":"event received"}');
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const dispose = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    seen,
    [Symbol.asyncDispose]: dispose,
  };
};

export type TestGateway = AsyncDisposable & { url: string; metrics: Registry; stop: () => Promise<void> };

/** A gateway's knowledge when credit-service has answered that nothing is revoked. */
export const nothingRevoked = (): Revocations => {
  const revocations = createRevocations();
  revocations.note({ revocations: [], next: "0" });
  return revocations;
};

/** The real gateway in this process, in front of the given replicas of every service. */
export const startGateway = async (
  replicas: string[],
  settings: Record<string, string> = {},
  revocations: Revocations = nothingRevoked(),
): Promise<TestGateway> => {
  const services = replicas.join(",");
  const config = readConfig({
    PORT: "0",
    JWT_SECRET,
    INTERNAL_KEY,
    GATEWAY_KEY,
    REDIS_URL: "redis://127.0.0.1:1",
    EMOTION_INGESTION_URL: services,
    TRANSACTION_INGESTION_URL: services,
    CREDIT_SERVICE_URL: services,
    LEDGER_SERVICE_URL: services,
    DEAD_LETTER_URL: services,
    ...settings,
  });
  const logger = pino({ level: "silent" });
  const metrics = new Registry();
  const redis = connectRedis(config.REDIS_URL, logger);
  const upstreams = await connectUpstreams(config);
  const { app, direct, sockets } = createGateway({
    config,
    redis,
    upstreams,
    revocations,
    logger,
    metrics,
    health: createHealth(),
  });
  const server = await serveHttp(app, {
    host: "127.0.0.1",
    port: 0,
    direct,
    upgrade: sockets.upgrade,
  });
  let stopped: Promise<void> | undefined;
  const stopOnce = async (): Promise<void> => {
    await sockets.stop();
    await server.stop();
    redis.stop();
    await Promise.all(Object.values(upstreams).map(({ close }) => close()));
  };
  const stop = (): Promise<void> => (stopped ??= stopOnce());
  return { url: server.url, metrics, stop, [Symbol.asyncDispose]: stop };
};

/** A token as the credit service issues it, with whatever a test wants to be different. */
export const tokenOf = (
  subject: string,
  {
    role = "user",
    secret = JWT_SECRET,
    issuer = "ecs",
    audience = "ecs",
    expires = "5m",
    algorithm = "HS256",
  } = {},
): Promise<string> =>
  new SignJWT({ role })
    .setProtectedHeader({ alg: algorithm })
    .setSubject(subject)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(new TextEncoder().encode(secret));

export type Problem = { status: number; code: string; requestId: string; instance: string };
export const problemOf = async (response: Response): Promise<Problem> => (await response.json()) as Problem;
