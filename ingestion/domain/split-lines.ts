import { isUtf8 } from "node:buffer";

/** One line of NDJSON as it came, or why it cannot be one. */
export type Line = string | { fault: "too large" | "not UTF-8" };

export type LineSplitter = {
  /** The lines that this chunk completes; blank ones are left out. */
  feed: (chunk: Buffer) => Line[];
  /** The last line, if it did not end with a newline. */
  end: () => Line[];
  /** How many blank lines there were. */
  readonly blank: number;
};

const NEWLINE = 10;
const TOO_LARGE: Line = { fault: "too large" };
const NOT_UTF8: Line = { fault: "not UTF-8" };

/**
 * Cuts a stream of bytes into lines. Never holds more than one line and one chunk: of a longer line only its end is
 * looked for.
 * @param maxBytes the largest line
 */
export const createLineSplitter = (maxBytes: number): LineSplitter => {
  let begun: Buffer[] = [];
  let bytes = 0;
  let skipping = false;
  let blank = 0;

  const keep = (rest: Buffer): void => {
    bytes += rest.length;
    if (bytes > maxBytes) {
      skipping = true;
      begun = [];
    } else if (rest.length > 0) begun.push(rest);
  };
  const take = (end: Buffer): Buffer => {
    const whole = begun.length === 0 ? end : Buffer.concat([...begun, end]);
    begun = [];
    bytes = 0;
    return whole;
  };

  return {
    feed: (chunk) => {
      const last = chunk.lastIndexOf(NEWLINE);
      if (last === -1) {
        keep(chunk);
        return [];
      }
      const lines: Line[] = [];
      let from = 0;
      if (skipping) {
        from = chunk.indexOf(NEWLINE) + 1;
        lines.push(TOO_LARGE);
        skipping = false;
        bytes = 0;
      }
      if (last >= from) blank += cut(take(chunk.subarray(from, last)), maxBytes, lines);
      keep(chunk.subarray(last + 1));
      return lines;
    },
    end: () => {
      if (skipping) return [TOO_LARGE];
      const lines: Line[] = [];
      cut(take(Buffer.alloc(0)), maxBytes, lines);
      return lines;
    },
    get blank() {
      return blank;
    },
  };
};

// Decoding a block at once costs a third of decoding line by line. Says how many lines were blank.
const cut = (block: Buffer, maxBytes: number, lines: Line[]): number => {
  if (!isUtf8(block)) return cutBytes(block, maxBytes, lines);
  const text = block.toString("utf8");
  const ascii = text.length === block.length;
  let blank = 0;
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline === -1 ? text.length : newline;
    if (isBlank(text, start, end)) blank++;
    else {
      const line = text.substring(start, end);
      const size = ascii ? line.length : Buffer.byteLength(line);
      lines.push(size > maxBytes ? TOO_LARGE : line);
    }
    start = end + 1;
  }
  return blank;
};

// Somewhere in it is what is no text: find the lines that are.
const cutBytes = (block: Buffer, maxBytes: number, lines: Line[]): number => {
  let blank = 0;
  for (let start = 0; start < block.length;) {
    const newline = block.indexOf(NEWLINE, start);
    const end = newline === -1 ? block.length : newline;
    const line = block.subarray(start, end);
    if (isUtf8(line)) blank += cut(line, maxBytes, lines);
    else lines.push(line.length > maxBytes ? TOO_LARGE : NOT_UTF8);
    start = end + 1;
  }
  return blank;
};

const isBlank = (text: string, start: number, end: number): boolean =>
  end === start || (end === start + 1 && text[start] === "\r");
