import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { commandLine } from "../process/identity.ts";

/**
 * Removes the lock file of a killed server when its process id now belongs to another program: PostgreSQL
 * would take that one for itself and refuse to start.
 */
export const removeStalePid = async (data: string): Promise<void> => {
  const file = join(data, "postmaster.pid");
  const content = await readFile(file, "utf8").catch(() => "");
  const pid = Number(content.split("\n")[0]);
  if (pid > 0 && !commandLine(pid)?.includes(data)) await rm(file, { force: true });
};
