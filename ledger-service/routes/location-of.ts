import type { Answer } from "../sql/answer.ts";

/**
 * Where to find what a request has made (RFC 9110, 10.2.2), or that which waits; nothing where it made nothing. The id
 * is the answer's own, so that a repeat leads where the first one did.
 * @param folder ends with a slash
 */
export const locationOf = ({ status, body }: Answer, folder: string): { location?: string } => {
  const id = status === 201 || status === 202 ? ID.exec(body)?.[1] : undefined;
  return id === undefined ? {} : { location: `${folder}${id}` };
};

// Each of these answers begins with it; a capture makes a transfer.
const ID = /^\{"(?:id|transferId)":"([0-9a-f-]{36})"/;
