import { type PortRange, SERVER_PORTS } from "../../stack/process/free-port.ts";
import type { ServerSpec } from "../../stack/process/spec.ts";
import { type Server, startOnFreePort } from "../../stack/servers/server.ts";

// As many as may ever run side by side.
const WORKERS = 8;
const EACH = (SERVER_PORTS.to - SERVER_PORTS.from) / WORKERS;
const worker = (Number(process.env["VITEST_POOL_ID"] ?? WORKERS) - 1) % WORKERS;
const from = SERVER_PORTS.from + worker * EACH;

/**
 * Ports of this worker of vitest alone. Another one's server could take a port in the moment between its choice and
 * its use, or while the server that has it is down.
 */
export const OWN_PORTS: PortRange = { from, to: from + EACH };

/** Starts a server on a free port of ours. */
export const startOnOwnPort = (prepare: (port: number) => Promise<ServerSpec>): Promise<Server> =>
  startOnFreePort(prepare, OWN_PORTS);
