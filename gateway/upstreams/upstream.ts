import type { UpstreamName } from "../routing/gateway-route.ts";
import { createHeldBodies } from "./held-bodies.ts";
import type { HeldBodies } from "./held-bodies.ts";
import { createReplica } from "./replica.ts";
import type { Replica } from "./replica.ts";
import { resolveAddresses, systemLookup } from "./resolve-addresses.ts";
import type { Lookup } from "./resolve-addresses.ts";

/** A service and the replicas of it that are known at this moment. */
export type Upstream = {
  readonly name: UpstreamName;
  readonly replicas: readonly Replica[];
  readonly bodies: HeldBodies;
  /** Counts up, so that equals take turns. */
  turn: number;
  close: () => Promise<void>;
};

export type UpstreamOptions = {
  name: UpstreamName;
  urls: string[];
  resolveEveryMs: number;
  lookUp?: Lookup;
};

/** Looks the addresses up, and again every few seconds: replicas come and go behind a name. */
export const connectUpstream = async ({
  name,
  urls,
  resolveEveryMs,
  lookUp = systemLookup,
}: UpstreamOptions): Promise<Upstream> => {
  let replicas: Replica[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const refresh = async (): Promise<void> => {
    const found = await resolveAddresses(urls, lookUp);
    // A resolver that is down for a moment takes nobody away.
    if (found !== undefined && found.length > 0 && !closed) replicas = merge(replicas, found);
    if (!closed) timer = setTimeout(() => void refresh(), resolveEveryMs).unref();
  };
  await refresh();

  return {
    name,
    get replicas() {
      return replicas;
    },
    bodies: createHeldBodies(name),
    turn: 0,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await Promise.all(replicas.map(({ pool }) => pool.close()));
    },
  };
};

const merge = (known: Replica[], found: string[]): Replica[] => {
  for (const replica of known) {
    // Closing lets what is in flight finish.
    if (!found.includes(replica.url)) void replica.pool.close();
  }
  return found.map((url) => known.find((replica) => replica.url === url) ?? createReplica(url));
};
