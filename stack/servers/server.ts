import { type Child, launch } from "../process/child.ts";
import { portWasTaken } from "../process/early-exit.ts";
import { freePort, type PortRange } from "../process/free-port.ts";
import type { ServerSpec } from "../process/spec.ts";

/** A running server that can be stopped, killed, and started again on the same data and port. */
export type Server = AsyncDisposable & {
  readonly name: string;
  readonly url: string;
  readonly port: number;
  /** Its process; another one after each restart. */
  readonly pid: number;
  readonly running: boolean;
  readonly logFile: string;
  /** Asks it to finish and waits until it has. */
  readonly stop: () => Promise<void>;
  /** Sends a signal to it alone; waits until it is gone when the signal is SIGKILL (the default). */
  readonly kill: (signal?: NodeJS.Signals) => Promise<void>;
  /** Stops it if it runs, and starts it on the same data and port. */
  readonly restart: () => Promise<void>;
};

/** Starts a server and waits until it answers. */
export const startServer = async (spec: ServerSpec): Promise<Server> => {
  let child: Child = await launch(spec);
  const stop = async (): Promise<void> => {
    child.signal("SIGCONT");
    await child.stop();
  };
  return {
    name: spec.name,
    url: spec.url,
    port: spec.port,
    logFile: spec.logFile,
    get pid() {
      return child.pid;
    },
    get running() {
      return child.running;
    },
    stop,
    kill: async (signal = "SIGKILL") => {
      child.signal(signal);
      if (signal === "SIGKILL") await child.exited;
    },
    restart: async () => {
      await stop();
      child = await launch(spec);
    },
    [Symbol.asyncDispose]: stop,
  };
};

const PORT_ATTEMPTS = 5;

/** Starts a server on a free port, on another one when somebody was quicker. */
export const startOnFreePort = async (
  prepare: (port: number) => Promise<ServerSpec>,
  among?: PortRange,
): Promise<Server> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startServer(await prepare(await freePort(among)));
    } catch (error) {
      if (!portWasTaken(error) || attempt === PORT_ATTEMPTS) throw error;
    }
  }
};
