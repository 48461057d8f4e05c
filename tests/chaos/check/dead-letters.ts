import type { Sql } from "postgres";
import type { SentEvent } from "../../faults/support/event-ledger.ts";

export type DeadLetters = {
  readonly count: number;
  /** Keys of the events that lie there: they are not persisted, and not lost. */
  readonly events: ReadonlySet<string>;
  /** The poison that lies there. */
  readonly poison: ReadonlySet<string>;
  /** What nobody here sent. */
  readonly unexplained: readonly string[];
  /** Messages of a stream of which more than one letter tells. */
  readonly repeated: readonly string[];
};

/** The key by which accounts name an event. */
export const keyOf = ({ kind, userId, eventId }: Pick<SentEvent, "kind" | "userId" | "eventId">): string =>
  `${kind} ${userId} ${eventId}`;

type Letter = { stream: string; sequence: string; message: string; payload: string };

/**
 * What operators find in the dead letters, held to what was sent. The same poison in two messages of a stream is two
 * letters: a broker that changes its leader may store what is published again a second time.
 */
export const readDeadLetters = async (
  sql: Sql,
  sent: readonly SentEvent[],
  poison: ReadonlySet<string>,
): Promise<DeadLetters> => {
  const byId = new Map(sent.map((event) => [event.eventId, keyOf(event)]));
  const letters = await sql<Letter[]>`
    select stream, stream_sequence::text || ':' || line as sequence, convert_from(payload, 'UTF8') as payload,
      -- When the broker stored it, in nanoseconds: two copies of a stream may give one number to two messages.
      split_part(identity, ':', 4) as message
    from dead_letters`;
  const events = new Set<string>();
  const buried = new Set<string>();
  const unexplained: string[] = [];
  const sources = new Map<string, number>();
  for (const { stream, sequence, message, payload } of letters) {
    const source = `${stream} ${sequence}: ${payload.slice(0, 200)}`;
    const told = `${message} ${source}`;
    sources.set(told, (sources.get(told) ?? 0) + 1);
    const key = byId.get(eventIdOf(payload) ?? "");
    if (poison.has(payload)) buried.add(payload);
    else if (key) events.add(key);
    else unexplained.push(source);
  }
  const repeated = [...sources].flatMap(([source, count]) => (count > 1 ? [source] : []));
  return { count: letters.length, events, poison: buried, unexplained, repeated };
};

const eventIdOf = (letter: string): string | undefined => {
  try {
    return (JSON.parse(letter) as { eventId?: string }).eventId;
  } catch {
    return undefined;
  }
};
