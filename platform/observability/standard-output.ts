import pino from "pino";

const GATHERED_CHARACTERS = 16 * 1_024;
const PASSED_ON_EVERY_MS = 200;
// Of lines that cannot be written, on a full disk for one; what comes then is dropped.
const MOST_HELD_BYTES = 8 * 1_024 * 1_024;

export type Output = pino.DestinationStream & { flush: (done?: (error?: Error) => void) => void };

let opened: Output | undefined;

/** This process's stdout for log lines, one for all loggers; written to in the background. */
export const standardOutput = (): Output => (opened ??= open());

// Lines are put together here, because the library measures all that it holds again with each line: that took 6 % of
// a telemetry request.
const open = (): Output => {
  const stdout = pino.destination({ dest: 1, sync: false, maxLength: MOST_HELD_BYTES });
  survive(stdout);
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

// A write that fails has nowhere to say so, and what cannot be logged is to be done all the same. At exit the library
// (sonic-boom 4) would repeat such a write for ever, and the process, which serves nothing any more, would never end.
const survive = (stdout: ReturnType<typeof pino.destination>): void => {
  let failing = false;
  stdout.on("error", () => (failing = true)).on("write", () => (failing = false));
  const flushSync = stdout.flushSync.bind(stdout);
  stdout.flushSync = () => {
    if (!failing) flushSync();
  };
};
