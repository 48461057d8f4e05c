import { join } from "node:path";
import { nodeProcess } from "../../stack/process/node-process.ts";
import type { Server } from "../../stack/servers/server.ts";
import { startOnOwnPort } from "./own-port.ts";
import { inTemporaryFolder } from "./temporary-folder.ts";

/**
 * Starts one of the project's processes on a free port and waits until its `/readyz` answers 200.
 * @param entry the file to run, from the package's root, such as `ingestion/main.ts`
 * @param env its whole configuration but PROCESS_NAME, HOST and PORT
 */
export const startProcess = (entry: string, env: NodeJS.ProcessEnv, name = nameOf(entry)): Promise<Server> =>
  inTemporaryFolder(name, (folder) =>
    startOnOwnPort((port) =>
      Promise.resolve(
        nodeProcess({
          name,
          entry,
          port,
          env: { ECS_HOME: folder, ...env },
          logFile: join(folder, `${name}.log`),
        }),
      ),
    ),
  );

// `workers/outbox-relay/main.ts` is the process outbox-relay.
const nameOf = (entry: string): string => entry.split("/").at(-2) ?? entry;
