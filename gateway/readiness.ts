import { request } from "undici";
import type { RedisConnection } from "../platform/cache/redis.ts";
import type { Health } from "../platform/http/health.ts";
import type { Upstream } from "./upstreams/upstream.ts";

// Together below the two seconds that are promised: how old an answer may be, and how long one is waited for.
const SHARED_MS = 1_000;
const PROBE_TIMEOUT_MS = 800;

type Reach = { replicas: number; reachable: number };

/**
 * Ready while a replica of any service answers. Every service is shown, and whether one of its replicas answers; but
 * one that is away takes no gateway out of traffic, since it would take them all, and with them what needs it not.
 * Answering is asked of a replica's own `/healthz`: the kernel takes connections for a process that is frozen too.
 */
export const checkReadiness = (health: Health, upstreams: Upstream[], redis: RedisConnection): void => {
  const asked = upstreams.map((upstream) => ({ upstream, reach: shared(() => reachOf(upstream)) }));
  for (const { upstream, reach } of asked) {
    health.report(upstream.name, async () => {
      const found = await reach();
      if (found.reachable === 0) throw noReplica();
      return found;
    });
  }
  health.require("services", async () => {
    const found = await Promise.all(asked.map(({ reach }) => reach()));
    const reachable = found.filter((service) => service.reachable > 0).length;
    if (reachable === 0) throw noReplica();
    return { services: found.length, reachable };
  });
  health.report("redis", redis.ping);
};

const noReplica = (): Error => Object.assign(new Error("no replica answers"), { code: "NO_REPLICA" });

const reachOf = async ({ replicas }: Upstream): Promise<Reach> => {
  const answers = await Promise.all(replicas.map(({ url }) => answersAt(url)));
  return { replicas: answers.length, reachable: answers.filter(Boolean).length };
};

// On a connection of its own: one that is kept may be about to be closed by the other side.
const answersAt = async (url: string): Promise<boolean> => {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const { statusCode, body } = await request(new URL("/healthz", url), { reset: true, signal });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
};

/** Anybody may ask whether we are ready; the services are asked once a second at most. */
const shared = <Result>(ask: () => Promise<Result>): (() => Promise<Result>) => {
  let last: Promise<Result> | undefined;
  let askedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (last === undefined || now - askedAt >= SHARED_MS) {
      askedAt = now;
      last = ask();
    }
    return last;
  };
};
