import type { PortRange } from "../../stack/process/free-port.ts";
import type { ServerSpec } from "../../stack/process/spec.ts";
import { type Server, startOnFreePort } from "../../stack/servers/server.ts";

// Below those that stacks choose from, so that a stack that is starting takes no port of a server that is down just now.
const TEST_PORTS: PortRange = { from: 12_000, to: 20_000 };
// As many as may ever run side by side.
const WORKERS = 8;
const EACH = (TEST_PORTS.to - TEST_PORTS.from) / WORKERS;
const worker = (Number(process.env["VITEST_POOL_ID"] ?? WORKERS) - 1) % WORKERS;
const from = TEST_PORTS.from + worker * EACH;

/**
 * Ports of this worker of vitest alone. Another one's server could take a port in the moment between its choice and
 * its use, or while the server that has it is down.
 */
export const OWN_PORTS: PortRange = { from, to: from + EACH };

/** Starts a server on a free port of ours. */
export const startOnOwnPort = (prepare: (port: number) => Promise<ServerSpec>): Promise<Server> =>
  startOnFreePort(prepare, OWN_PORTS);
