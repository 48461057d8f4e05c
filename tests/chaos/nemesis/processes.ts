import { execFileSync } from "node:child_process";

/** Sends a signal to a process and to everything it started, and those in turn: PostgreSQL's and nginx's workers too. */
export const signalFamily = (pid: number, signal: NodeJS.Signals): void => {
  for (const member of familyOf(pid)) {
    try {
      process.kill(member, signal);
    } catch {
      // It went by itself a moment ago.
    }
  }
};

const familyOf = (pid: number): number[] => {
  const children = new Map<number, number[]>();
  for (const line of execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).split("\n")) {
    const [child = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const collect = (member: number): number[] => [member, ...(children.get(member) ?? []).flatMap(collect)];
  return collect(pid);
};
