import { randomUUID } from "node:crypto";

export const REQUEST_ID_HEADER = "x-request-id";

// Printable ASCII without quotes: safe in logs, headers and JSON.
const ACCEPTABLE = /^[\w.:+/=@-]{1,128}$/;

/** The client's own request id where it is fit to be logged and passed on, else a new one. */
export const requestIdFrom = (header: string | undefined): string =>
  header !== undefined && ACCEPTABLE.test(header) ? header : randomUUID();
