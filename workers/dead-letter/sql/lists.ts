import type { Queryable } from "../../../platform/database/connect.ts";
import { matching } from "./filter-letters.ts";
import type { LetterFilter } from "./filter-letters.ts";
import type { LetterRow } from "./letters.ts";

export type ListedLetter = Omit<LetterRow, "payload" | "edited_payload" | "headers">;

/** Newest first, after a letter; along dead_letters_status_newest where a status is given. */
export const listLetters = (
  sql: Queryable,
  { filter, after, limit }: { filter: LetterFilter; after: string | undefined; limit: number },
): Promise<ListedLetter[]> => sql<ListedLetter[]>`
  select id, status, stream, consumer, subject, stream_sequence, line, error_class, error_message, attempts,
    revision, user_id, event_id, replay_of, first_failed_at, last_failed_at, stored_at
  from dead_letters
  where ${matching(sql, filter)}
    ${after === undefined ? sql`` : sql`and id < ${after}::uuid`}
  order by id desc
  limit ${limit}`;

export type LetterGroup = {
  stream: string;
  consumer: string;
  error_class: string;
  count: number;
  users: number;
  first_seen: Date;
  last_seen: Date;
  last_message: string;
};

export const groupLetters = (
  sql: Queryable,
  filter: LetterFilter,
  limit: number,
): Promise<LetterGroup[]> => sql<LetterGroup[]>`
  select stream, consumer, error_class, count(*)::int as count, count(distinct user_id)::int as users,
    min(first_failed_at) as first_seen, max(last_failed_at) as last_seen,
    (array_agg(error_message order by last_failed_at desc, id desc))[1] as last_message
  from dead_letters
  where ${matching(sql, filter)}
  group by stream, consumer, error_class
  order by count(*) desc, stream, consumer, error_class
  limit ${limit}`;

export type Depth = { stream: string; error_class: string; letters: number; oldest_seconds: number };

/** What is open; along dead_letters_open_by_error. */
export const readDepth = (sql: Queryable): Promise<Depth[]> => sql<Depth[]>`
  select stream, error_class, count(*)::int as letters,
    greatest(extract(epoch from now() - min(last_failed_at)), 0)::float8 as oldest_seconds
  from dead_letters
  where status = 'open'
  group by stream, error_class`;
