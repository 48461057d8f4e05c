import { requestFor, type SentEvent } from "../../faults/support/event-ledger.ts";
import type { Sender } from "../../faults/support/traffic.ts";
import type { Client } from "./client.ts";

export type TelemetryDeps = { readonly client: Client; readonly internalKey: string };

// One in so many is sent again though it was acknowledged, as by an app that lost the answer.
const ONE_IN = 40;

/** Sends one event until it is acknowledged or given up. */
export const sendEvent = async (
  { client, internalKey }: TelemetryDeps,
  { token }: Sender,
  event: SentEvent,
): Promise<void> => {
  const { path, json, internal } = requestFor(event);
  const request = {
    method: "POST" as const,
    path,
    body: json,
    ...(internal ? { headers: { "x-internal-key": internalKey } } : { token }),
  };
  event.acknowledged = (await client(event.kind, request)) !== undefined;
  if (event.acknowledged && Math.random() < 1 / ONE_IN) await client(event.kind, request);
};
