/** How far the bytes that have come in are a whole answer. */
export type Parsed =
  | { readonly complete: false }
  | { readonly complete: true; readonly status: number; readonly closes: boolean };

const INCOMPLETE: Parsed = { complete: false };
const HEAD_END = Buffer.from("\r\n\r\n");
const LAST_CHUNK = Buffer.from("0\r\n\r\n");

/**
 * Looks at everything that came since the request was sent. There is no pipelining, so that one answer at most is
 * in it (RFC 9112 §6.3: its end is told by the length or by the last chunk; trailers are not expected).
 */
export const parseResponse = (bytes: Buffer): Parsed => {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return INCOMPLETE;
  const head = bytes.toString("latin1", 0, headEnd).toLowerCase();
  const bodyStart = headEnd + HEAD_END.length;
  if (!bodyIsComplete(bytes, head, bodyStart)) return INCOMPLETE;
  return {
    complete: true,
    status: Number(head.slice(9, 12)),
    closes: head.includes("\r\nconnection: close"),
  };
};

const bodyIsComplete = (bytes: Buffer, head: string, bodyStart: number): boolean => {
  const at = head.indexOf("\r\ncontent-length:");
  if (at >= 0) return bytes.length - bodyStart >= Number.parseInt(head.slice(at + 17), 10);
  if (!head.includes("\r\ntransfer-encoding: chunked")) return true;
  const tail = bytes.subarray(-LAST_CHUNK.length);
  return bytes.length - bodyStart >= LAST_CHUNK.length && tail.equals(LAST_CHUNK);
};
