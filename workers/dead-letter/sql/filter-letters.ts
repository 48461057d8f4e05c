import type { DeadLetterFilter } from "../../../contracts/http/dead-letter-shapes.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import type { LetterStatus } from "./letters.ts";

export type LetterFilter = DeadLetterFilter & { status?: LetterStatus | undefined };

/** The condition that a filter is, for a `where`. Times go as text: the driver would cut them to milliseconds. */
export const matching = (sql: Queryable, filter: LetterFilter) => sql`
  true
  ${filter.status === undefined ? sql`` : sql`and status = ${filter.status}`}
  ${filter.stream === undefined ? sql`` : sql`and stream = ${filter.stream}`}
  ${filter.consumer === undefined ? sql`` : sql`and consumer = ${filter.consumer}`}
  ${filter.errorClass === undefined ? sql`` : sql`and error_class = ${filter.errorClass}`}
  ${filter.userId === undefined ? sql`` : sql`and user_id = ${filter.userId}::uuid`}
  ${filter.from === undefined ? sql`` : sql`and last_failed_at >= ${filter.from}::text::timestamptz`}
  ${filter.to === undefined ? sql`` : sql`and last_failed_at < ${filter.to}::text::timestamptz`}`;
