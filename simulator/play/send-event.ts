import type { PersonalEvent } from "../domain/population.ts";
import { toBody } from "../domain/telemetry.ts";
import type { Person } from "./person.ts";
import type { Receipts } from "./receipts.ts";

const PATHS = { emotion: "/v1/emotions/stream", transaction: "/v1/transactions" } as const;

/** Sends one event, again and again under the same id where that helps, and keeps what the answer was worth. */
export const sendEvent = async (
  { person, event }: PersonalEvent<Person>,
  startedAt: number,
  receipts: Receipts,
): Promise<void> => {
  const { userId } = person.session;
  const result = await person.session.send(event.kind, {
    method: "POST",
    path: PATHS[event.kind],
    body: toBody(event, userId, startedAt),
  });
  if (result.kind === "answered" && result.status === 202) {
    receipts.acknowledge(event.kind, userId, event.eventId);
  } else if (result.kind === "gave up" && result.reached) {
    receipts.doubt(event.kind, userId, event.eventId);
  } else if (result.kind === "answered" && result.status >= 500) {
    receipts.doubt(event.kind, userId, event.eventId);
  }
};
