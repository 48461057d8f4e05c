const groups = new Set<number>();
let armed = false;

/**
 * Kills the process group when this process ends, for a crash must not leave servers behind.
 * Returns what takes the group off the list.
 */
export const reapAtExit = (pid: number): (() => void) => {
  // A program that could not be started has no process, and -0 would name our own group.
  if (pid <= 0) return () => {};
  if (!armed) process.once("exit", killAll);
  armed = true;
  groups.add(pid);
  return () => groups.delete(pid);
};

const killAll = (): void => {
  for (const pid of groups) {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
};
