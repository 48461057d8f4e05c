import { Pool } from "undici";

/** One address of a service, and how it is doing. */
export type Replica = {
  readonly url: string;
  readonly pool: Pool;
  inFlight: number;
  /** Until then, by `performance.now()`, others are preferred. */
  avoidedUntil: number;
  /** In a row. */
  failures: number;
};

export const CONNECT_TIMEOUT_MS = 1_000;
const CONNECTIONS = 256;
// Services close idle connections after 75 s. Whoever closes first must be us, or a request meets a closing door.
const KEEP_ALIVE_MS = 30_000;
const KEEP_ALIVE_MAX_MS = 60_000;

const AVOID_FIRST_MS = 500;
const AVOID_MOST_MS = 8_000;
// Longer than a service takes from its first `Connection: close` until it is gone.
const AVOID_DRAINING_MS = 2_000;

export const createReplica = (url: string): Replica => ({
  url,
  pool: new Pool(url, {
    connections: CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // One budget covers a whole request: see forward.ts.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  }),
  inFlight: 0,
  avoidedUntil: 0,
  failures: 0,
});

/** It broke a connection or refused one: for a while, longer each time, others go first. */
export const noteFailure = (replica: Replica, now: number): void => {
  replica.avoidedUntil = now + Math.min(AVOID_FIRST_MS * 2 ** replica.failures, AVOID_MOST_MS);
  replica.failures = Math.min(replica.failures + 1, 16);
};

/** It answered; one that closes its connections is about to stop. */
export const noteAnswer = (replica: Replica, closing: boolean, now: number): void => {
  replica.failures = 0;
  if (closing) replica.avoidedUntil = now + AVOID_DRAINING_MS;
};
