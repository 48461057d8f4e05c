import {
  closeSync,
  copyFileSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  truncateSync,
} from "node:fs";
import { complaintIn, mayComplain } from "../process/complaint.ts";

export type LogWatch = {
  /** Begins a process's log anew, the last one kept beside it, and reads along. */
  readonly follow: (name: string, file: string) => void;
  readonly stop: () => void;
};

const LOOK_EVERY_MS = 500;
const LARGEST_LOG = 64 * 2 ** 20;
const LARGEST_READ = 4 * 2 ** 20;
// More than this from one process in ten seconds is only counted.
const LINES_SHOWN = 5;
const LINES_PERIOD_MS = 10_000;

type Followed = {
  name: string;
  file: string;
  position: number;
  shown: number;
  hidden: number;
  since: number;
};

/**
 * Reads along in the logs of the processes, shows what they warn of, and keeps each log from growing without
 * end. The processes write to their files themselves: a stack that is killed does not take their logs away.
 */
export const watchLogs = (say: (line: string) => void): LogWatch => {
  const followed: Followed[] = [];
  const timer = setInterval(() => {
    for (const log of followed) look(log, say);
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    follow: (name, file) => {
      if (statSync(file, { throwIfNoEntry: false })) renameSync(file, `${file}.1`);
      followed.push({ name, file, position: 0, shown: 0, hidden: 0, since: 0 });
    },
    stop: () => clearInterval(timer),
  };
};

const look = (log: Followed, say: (line: string) => void): void => {
  try {
    for (const line of newLines(log)) show(log, line, say);
    if (log.position > LARGEST_LOG) {
      copyFileSync(log.file, `${log.file}.1`);
      truncateSync(log.file);
      log.position = 0;
    }
  } catch {
    // Not written yet, or the disk is full, which others will say.
  }
};

const newLines = (log: Followed): string[] => {
  const handle = openSync(log.file, "r");
  try {
    const size = fstatSync(handle).size;
    if (size < log.position) log.position = 0;
    // A log that grows faster than it is read is shown in part.
    const from = Math.max(log.position, size - LARGEST_READ);
    const buffer = Buffer.allocUnsafe(size - from);
    const read = readSync(handle, buffer, 0, buffer.length, from);
    const end = buffer.subarray(0, read).lastIndexOf("\n") + 1;
    const lines = buffer.subarray(0, end);
    log.position = from + end;
    return mayComplain(lines) ? lines.toString("utf8").split("\n") : [];
  } finally {
    closeSync(handle);
  }
};

const show = (log: Followed, line: string, say: (line: string) => void): void => {
  const complaint = complaintIn(line);
  if (!complaint) return;
  if (Date.now() - log.since > LINES_PERIOD_MS) {
    if (log.hidden > 0) say(`[${log.name}] … and ${log.hidden} more like these in ${log.file}`);
    Object.assign(log, { since: Date.now(), shown: 0, hidden: 0 });
  }
  if (log.shown++ < LINES_SHOWN) say(`[${log.name}] ${complaint}`);
  else log.hidden++;
};
