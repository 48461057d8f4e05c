import pino from "pino";

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
      timestamp: pino.stdTimeFunctions.isoTime,
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
    destination ?? pino.destination({ dest: 1, sync: false, minLength: 4096, periodicFlush: 200 }),
  );
