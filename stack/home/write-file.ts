import { renameSync, rmSync, writeFileSync } from "node:fs";

/** Replaces a file in one step, readable for its owner only: a reader sees the old content or the new. */
export const writePrivateFile = (file: string, content: string): void => {
  const unfinished = `${file}.${process.pid}`;
  try {
    writeFileSync(unfinished, content, { mode: 0o600, flush: true });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
};

/** The same for something that is written as JSON. */
export const writePrivateJson = (file: string, value: unknown): void =>
  writePrivateFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
