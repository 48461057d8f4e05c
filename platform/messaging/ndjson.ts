import { isUtf8 } from "node:buffer";

export const CONTENT_TYPE_HEADER = "Content-Type";
export const NDJSON_TYPE = "application/x-ndjson";

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** The lines of a message's body as views of its bytes, blank ones left out. */
export const splitLines = (body: Uint8Array): Buffer[] => {
  const buffer = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const lines: Buffer[] = [];
  for (let start = 0; start < buffer.length;) {
    const newline = buffer.indexOf(NEWLINE, start);
    const end = newline === -1 ? buffer.length : newline;
    if (!isBlank(buffer, start, end)) lines.push(buffer.subarray(start, end));
    start = end + 1;
  }
  return lines;
};

const isBlank = (buffer: Buffer, start: number, end: number): boolean =>
  end === start || (end === start + 1 && buffer[start] === CARRIAGE_RETURN);

/** @throws SyntaxError when the line is not JSON in UTF-8 */
export const parseLine = (line: Buffer): unknown => {
  if (!isUtf8(line)) throw new SyntaxError("not UTF-8");
  // latin1 would be faster and wrong.
  return JSON.parse(line.toString("utf8"));
};
