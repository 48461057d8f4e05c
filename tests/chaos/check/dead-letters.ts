import { streams } from "../../../contracts/streams.ts";
import { subjects } from "../../../contracts/subjects.ts";
import { streamedTexts } from "../../e2e/support/streams.ts";
import type { SentEvent } from "../../faults/support/event-ledger.ts";

export type DeadLetters = {
  /** Keys of the events that lie there: they are not persisted, and not lost. */
  readonly events: ReadonlySet<string>;
  /** Those that nobody here sent. */
  readonly unexplained: string[];
};

/** The key by which accounts name an event. */
export const keyOf = ({ kind, userId, eventId }: Pick<SentEvent, "kind" | "userId" | "eventId">): string =>
  `${kind} ${userId} ${eventId}`;

/** What lies in the dead letters, held to what was sent. */
export const readDeadLetters = async (
  natsUrl: string,
  sent: readonly SentEvent[],
  poison: ReadonlySet<string>,
): Promise<DeadLetters & { readonly poison: readonly string[] }> => {
  const byId = new Map(sent.map((event) => [event.eventId, keyOf(event)]));
  const letters = await streamedTexts(natsUrl, streams.DEAD_LETTERS.name, `${subjects.deadLetters}.`);
  const events = new Set<string>();
  const unexplained: string[] = [];
  const buried: string[] = [];
  for (const letter of letters) {
    const key = byId.get(eventIdOf(letter) ?? "");
    if (poison.has(letter)) buried.push(letter);
    else if (key) events.add(key);
    else unexplained.push(letter.slice(0, 200));
  }
  return { events, unexplained, poison: buried };
};

const eventIdOf = (letter: string): string | undefined => {
  try {
    return (JSON.parse(letter) as { eventId?: string }).eventId;
  } catch {
    return undefined;
  }
};
