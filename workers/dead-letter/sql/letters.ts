import type { Queryable } from "../../../platform/database/connect.ts";

export type NewLetter = {
  id: string;
  identity: string;
  stream: string;
  consumer: string;
  subject: string;
  streamSequence: number;
  line: number;
  errorClass: string;
  errorMessage: string;
  attempts: number;
  payload: Buffer;
  headers: Record<string, string[]>;
  userId: string | null;
  eventId: string | null;
  replayOf: string | null;
  firstFailedAt: Date;
  lastFailedAt: Date;
};

/** Stores a letter once. False when it was there already. */
export const insertLetter = async (sql: Queryable, letter: NewLetter): Promise<boolean> => {
  const result = await sql`
    insert into dead_letters (
      id, identity, stream, consumer, subject, stream_sequence, line, error_class, error_message, attempts,
      payload, headers, user_id, event_id, replay_of, first_failed_at, last_failed_at
    ) values (
      ${letter.id}::uuid, ${letter.identity}, ${letter.stream}, ${letter.consumer}, ${letter.subject},
      ${letter.streamSequence}::bigint, ${letter.line}::integer, ${letter.errorClass}, ${letter.errorMessage},
      ${letter.attempts}::integer, ${letter.payload}::bytea, ${JSON.stringify(letter.headers)}::text::json,
      ${letter.userId}::uuid, ${letter.eventId}, ${letter.replayOf}::uuid,
      ${letter.firstFailedAt.toISOString()}::timestamptz, ${letter.lastFailedAt.toISOString()}::timestamptz
    )
    on conflict (identity) do nothing`;
  return result.count > 0;
};

export type LetterStatus = "open" | "replayed" | "discarded";

export type LetterRow = {
  id: string;
  status: LetterStatus;
  stream: string;
  consumer: string;
  subject: string;
  stream_sequence: string;
  line: number;
  error_class: string;
  error_message: string;
  attempts: number;
  payload: Buffer;
  edited_payload: Buffer | null;
  revision: number;
  headers: Record<string, string[]>;
  user_id: string | null;
  event_id: string | null;
  replay_of: string | null;
  first_failed_at: Date;
  last_failed_at: Date;
  stored_at: Date;
};

const columns = (sql: Queryable) => sql`
  id, status, stream, consumer, subject, stream_sequence, line, error_class, error_message, attempts, payload,
  edited_payload, revision, headers, user_id, event_id, replay_of, first_failed_at, last_failed_at, stored_at`;

export const readLetter = async (sql: Queryable, id: string): Promise<LetterRow | undefined> => {
  const [row] = await sql<LetterRow[]>`select ${columns(sql)} from dead_letters where id = ${id}::uuid`;
  return row;
};

/** The letter, locked until the transaction ends: two who settle it take turns. */
export const lockLetter = async (tx: Queryable, id: string): Promise<LetterRow | undefined> => {
  const [row] = await tx<LetterRow[]>`
    select ${columns(tx)} from dead_letters where id = ${id}::uuid for update`;
  return row;
};

export const settleLetter = async (
  tx: Queryable,
  id: string,
  status: Exclude<LetterStatus, "open">,
): Promise<void> => {
  await tx`update dead_letters set status = ${status}, settled_at = now() where id = ${id}::uuid`;
};

export const replacePayload = async (
  tx: Queryable,
  id: string,
  { payload, userId, eventId }: Pick<NewLetter, "payload" | "userId" | "eventId">,
): Promise<void> => {
  await tx`
    update dead_letters set
      edited_payload = ${payload}::bytea, revision = revision + 1, user_id = ${userId}::uuid, event_id = ${eventId}
    where id = ${id}::uuid`;
};
