import pino from "pino";

const GATHERED_CHARACTERS = 16 * 1_024;
const PASSED_ON_EVERY_MS = 200;

export type Output = pino.DestinationStream & { flush: (done?: (error?: Error) => void) => void };

let opened: Output | undefined;

/** This process's stdout for log lines, one for all loggers; written to in the background. */
export const standardOutput = (): Output => (opened ??= open());

// Lines are put together here, because the library measures all that it holds again with each line: that took 6 % of
// a telemetry request.
const open = (): Output => {
  const stdout = pino.destination({ dest: 1, sync: false });
  let gathered = "";
  const passOn = (): void => {
    if (gathered === "") return;
    stdout.write(gathered);
    gathered = "";
  };
  setInterval(passOn, PASSED_ON_EVERY_MS).unref();
  process.once("exit", () => {
    passOn();
    stdout.flushSync();
  });
  return {
    write: (line) => {
      gathered += line;
      if (gathered.length >= GATHERED_CHARACTERS) passOn();
    },
    flush: (done) => {
      passOn();
      stdout.flush(done);
    },
  };
};
