import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Waits until everything that earlier rounds left to be written is on the disk, so that no round pays for another. */
export const untilDiskIsQuiet = async (): Promise<void> => {
  await promisify(execFile)("sync");
};
