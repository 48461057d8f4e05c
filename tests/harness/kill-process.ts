/** Signals a process, which may have ended by itself a moment ago: whoever waits for its successor gets one all the same. */
export const killProcess = (pid: number, signal: NodeJS.Signals = "SIGKILL"): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
};
