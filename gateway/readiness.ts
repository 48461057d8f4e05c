import { connect } from "node:net";
import type { RedisConnection } from "../platform/cache/redis.ts";
import type { Health } from "../platform/http/health.ts";
import type { UpstreamName } from "./routing/route-table.ts";
import type { Upstream } from "./upstreams/upstream.ts";

const PROBE_TIMEOUT_MS = 800;

// Clients are served without it: an operator who finds it away comes again.
const DISPENSABLE: readonly UpstreamName[] = ["dead-letter"];

/**
 * Ready while every service has a replica that takes connections. Redis and the operators' API are shown, and can be
 * done without.
 */
export const checkReadiness = (health: Health, upstreams: Upstream[], redis: RedisConnection): void => {
  for (const upstream of upstreams) {
    const watch = DISPENSABLE.includes(upstream.name) ? health.report : health.require;
    watch(upstream.name, async () => {
      const answers = await Promise.all(upstream.replicas.map(({ url }) => takesConnections(url)));
      const reachable = answers.filter(Boolean).length;
      if (reachable === 0) throw Object.assign(new Error("no replica"), { code: "NO_REPLICA" });
      return { replicas: answers.length, reachable };
    });
  }
  health.report("redis", redis.ping);
};

const takesConnections = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port, protocol } = new URL(url);
    const socket = connect({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(port) || (protocol === "https:" ? 443 : 80),
      timeout: PROBE_TIMEOUT_MS,
    });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
  });
