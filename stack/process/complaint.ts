// Our processes write JSON with a level; the servers each have a way of their own.
const OURS = /"level":"(warn|error|fatal)"/;
const SERVERS = /\[(ERR|FTL)\]|\[(emerg|alert|crit)\]|\bPANIC: |No space left on device|^# .*(OOM|Fatal)/;
const LONGEST = 300;

// What every complaint contains; a busy log is searched for these before it is taken apart.
const MARKS = [
  '"level":"warn"',
  '"level":"error"',
  '"level":"fatal"',
  "[ERR]",
  "[FTL]",
  "[emerg]",
  "[alert]",
  "[crit]",
  "PANIC: ",
  "No space left on device",
  "OOM",
  "Fatal",
];

/** False when there is surely nothing to show in these lines. */
export const mayComplain = (lines: Buffer): boolean => MARKS.some((mark) => lines.includes(mark));

/** What a person should see of a log line: a warning or worse, in words; undefined for everything else. */
export const complaintIn = (line: string): string | undefined => {
  if (OURS.test(line)) return inWords(line);
  return SERVERS.test(line) ? shorten(line) : undefined;
};

type Entry = { level: string; msg?: string; work?: string; err?: { message?: string } };

const inWords = (line: string): string => {
  try {
    const { level, msg, work, err } = JSON.parse(line) as Entry;
    const what = [work, msg].filter(Boolean).join(" ");
    return shorten(`${level}: ${[what, err?.message].filter(Boolean).join(": ")}`);
  } catch {
    return shorten(line);
  }
};

const shorten = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
