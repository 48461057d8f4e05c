import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";

export type LogLine = { process: string; requestId?: string; traceId?: string };

/** What the processes of the stack have logged with a request's id. */
export const loggedUnder = (requestId: string): LogLine[] => {
  const folder = join(inject("stackHome"), "logs");
  return readdirSync(folder).flatMap((file) =>
    readFileSync(join(folder, file), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("{") && line.includes(`"requestId":"${requestId}"`))
      .map((line) => JSON.parse(line) as LogLine),
  );
};
