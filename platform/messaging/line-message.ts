import { headers, nuid } from "@nats-io/nats-core";
import type { MsgHdrs } from "@nats-io/nats-core";
import { TRACEPARENT_HEADER } from "../observability/trace-context.ts";
import type { PendingLine } from "./line-gatherer.ts";
import { CONTENT_TYPE_HEADER, NDJSON_TYPE } from "./ndjson.ts";
import type { OutgoingMessage } from "./publish-with-retry.ts";

/** Events that were handed over one by one, as one message: NDJSON, a line each. */
export const toMessage = (subject: string, lines: PendingLine[]): OutgoingMessage => ({
  subject,
  body: lines.map(({ line }) => line).join("\n"),
  messageId: nuid.next(),
  headers: carriedHeaders(lines.length, lines[0]?.traceparent),
});

/** What goes with a message of so many events. */
export const carriedHeaders = (events: number, traceparent: string | undefined): MsgHdrs => {
  const carried = headers();
  carried.set(CONTENT_TYPE_HEADER, NDJSON_TYPE);
  // A message of several events belongs to no single trace; each line names its own.
  if (events === 1 && traceparent) carried.set(TRACEPARENT_HEADER, traceparent);
  return carried;
};
