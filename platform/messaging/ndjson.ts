import { isUtf8 } from "node:buffer";

export const CONTENT_TYPE_HEADER = "Content-Type";
export const NDJSON_TYPE = "application/x-ndjson";

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** The lines of a message's body as views of its bytes, blank ones left out. */
export const splitLines = (body: Buffer): Buffer[] => {
  const lines: Buffer[] = [];
  eachLine(body, (start, end) => lines.push(end - start === body.length ? body : body.subarray(start, end)));
  return lines;
};

/** How many lines that would be. */
export const countLines = (body: Uint8Array): number => {
  let lines = 0;
  eachLine(body, () => (lines += 1));
  return lines;
};

const eachLine = (body: Uint8Array, visit: (start: number, end: number) => void): void => {
  for (let start = 0; start < body.length;) {
    const newline = body.indexOf(NEWLINE, start);
    const end = newline === -1 ? body.length : newline;
    if (!isBlank(body, start, end)) visit(start, end);
    start = end + 1;
  }
};

const isBlank = (body: Uint8Array, start: number, end: number): boolean =>
  end === start || (end === start + 1 && body[start] === CARRIAGE_RETURN);

/** @throws SyntaxError when the line is not UTF-8 */
export const textOf = (line: Buffer): string => {
  if (!isUtf8(line)) throw new SyntaxError("not UTF-8");
  // latin1 would be faster and wrong.
  return line.toString("utf8");
};
