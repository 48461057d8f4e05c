import pino from "pino";
import { errorFields } from "./error-fields.ts";
import { isoTime } from "./iso-time.ts";
import { standardOutput } from "./standard-output.ts";

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
      serializers: { err: errorFields },
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
    destination ?? standardOutput(),
  );

/**
 * The same logger for lines whose fields are all known and none of them secret. Looking for secrets in every field
 * took 3.5 of a request line's 5 µs.
 */
export const withoutRedaction = (logger: Logger): Logger => logger.child({}, { redact: [] });
