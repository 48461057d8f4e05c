import pino from "pino";
import { isoTime } from "./iso-time.ts";

export type Logger = pino.Logger;

/** JSON lines on stdout. Secrets are redacted by path; payloads and emotion values are never logged at all. */
export const createLogger = (
  config: { PROCESS_NAME: string; LOG_LEVEL: string },
  destination?: pino.DestinationStream,
): Logger =>
  pino(
    {
      level: config.LOG_LEVEL,
      base: { process: config.PROCESS_NAME, pid: process.pid },
      timestamp: () => `,"time":"${isoTime(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          "password",
          "*.password",
          "token",
          "*.token",
          "authorization",
          "*.authorization",
          "headers.cookie",
        ],
        censor: "[redacted]",
      },
    },
    // Written when so much has gathered, and every 200 ms: with 4 KiB, every tenth request paid for a write of its own.
    destination ?? pino.destination({ dest: 1, sync: false, minLength: 15 * 1_024, periodicFlush: 200 }),
  );

/**
 * The same logger for lines whose fields are all known and none of them secret. Looking for secrets in every field
 * took 3.5 of a request line's 5 µs.
 */
export const withoutRedaction = (logger: Logger): Logger => logger.child({}, { redact: [] });
