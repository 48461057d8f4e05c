import { spawn } from "node:child_process";
import { constants } from "node:os";

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"];
// One Ctrl-C reaches us from the terminal and again from npm.
const SAME_SIGNAL_MS = 500;

/**
 * Runs a program with our terminal and resolves with its exit code, 128 + n when signal n ended it.
 * It has a session of its own, so that a signal comes to it from us alone: once, however often it came to us.
 */
export const run = (command, args, { env, cwd, ipc = false, output = "inherit" }) =>
  new Promise((resolve, reject) => {
    const stdio = ["inherit", output, output, ...(ipc ? ["ipc"] : [])];
    const child = spawn(command, args, { env, cwd, stdio, detached: true });
    const stopForwarding = forwardSignals(child);
    child.once("error", (error) => {
      stopForwarding();
      reject(new Error(`${command} could not be started: ${error.message}`, { cause: error }));
    });
    child.once("exit", (code, signal) => {
      stopForwarding();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });

const forwardSignals = (child) => {
  const last = {};
  const forward = (signal) => {
    const now = Date.now();
    if (now - (last[signal] ?? 0) > SAME_SIGNAL_MS) child.kill(signal);
    last[signal] = now;
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward);
  };
};
