import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** When a process started, in the system's own notation; undefined when there is no such process. */
export const startedAt = (pid: number): string | undefined => {
  if (process.platform !== "linux") return ps(pid, "lstart=");
  try {
    // After the name in brackets, which may itself hold spaces; see proc(5), field 22.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
};

/** The command line of a process; undefined when there is no such process. */
export const commandLine = (pid: number): string | undefined => {
  if (process.platform !== "linux") return ps(pid, "command=");
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim() || undefined;
  } catch {
    return undefined;
  }
};

const ps = (pid: number, column: string): string | undefined => {
  try {
    return execFileSync("ps", ["-o", column, "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
};

/**
 * The processes whose command line, environment or working folder names this text, a folder most often; never our
 * own. Redis and nginx write over the first two.
 */
export const processesMentioning = (text: string): number[] => {
  const found = process.platform === "linux" ? fromProc(text) : fromPs(text);
  return found.filter((pid) => pid !== process.pid && pid !== process.ppid);
};

const fromProc = (text: string): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) =>
      [contentOf(`/proc/${pid}/cmdline`), contentOf(`/proc/${pid}/environ`), folderOf(pid)]
        .join()
        .includes(text),
    )
    .map(Number);

const fromPs = (text: string): number[] =>
  execFileSync("ps", ["-axEww", "-o", "pid=,command="], { encoding: "utf8", maxBuffer: 1 << 26 })
    .split("\n")
    .filter((line) => line.includes(text))
    .map((line) => Number.parseInt(line, 10));

const folderOf = (pid: string): string => {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
};

const contentOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** True when no process is left in the group that this one led. */
export const groupIsEmpty = (leader: number): boolean => {
  try {
    process.kill(-leader, 0);
    return false;
  } catch {
    return true;
  }
};
