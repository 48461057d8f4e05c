import { textArray } from "../../../platform/database/array-literal.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import { problems } from "../model/statuses.ts";
import type { Mode, Order } from "../model/transfer-order.ts";

export type Answer = { readonly status: number; readonly body: string; readonly replayed: boolean };

/** Far enough away for any run. */
const LATER = "2999-01-01T00:00:00Z";

/** Has the database post the batch. */
export const post = async (sql: Queryable, orders: readonly Order[], mode: Mode): Promise<Answer[]> => {
  const accounts = [
    ...new Set(orders.flatMap(({ source, destination }) => [source, destination])),
  ].toSorted();
  const places = new Map(accounts.map((id, index) => [id, String(index + 1)]));
  const column = (value: (order: Order) => string | null): string => textArray(orders.map(value));
  // Null stands for a column in which nobody has anything, as the service sends it.
  const optional = (value: (order: Order) => string | null): string | null =>
    orders.some((order) => value(order) !== null) ? column(value) : null;
  return sql<Answer[]>`
    select status, body, replayed from ledger_post(
      accounts => ${textArray(accounts)}::uuid[],
      ids => ${column(({ id }) => id)}::uuid[],
      sources => ${column(({ source }) => places.get(source)!)}::integer[],
      destinations => ${column(({ destination }) => places.get(destination)!)}::integer[],
      amounts => ${column(({ amount }) => amount)}::numeric[],
      types => ${column(({ type }) => type)}::text[],
      scopes => ${column(({ scope }) => scope)}::text[],
      keys => ${optional(({ key }) => key)}::text[],
      hashes => ${optional(({ hash }) => hash && `\\x${hash}`)}::bytea[],
      owners => ${optional(({ owner }) => owner)}::uuid[],
      currencies => ${optional(({ currency }) => currency)}::text[],
      refs => ${optional(({ reference }) => reference)}::text[],
      reverts => ${optional(({ reverts }) => reverts)}::uuid[],
      waits => ${optional(({ waits }) => (waits ? "t" : null))}::boolean[],
      not_before => ${optional(({ later }) => (later ? LATER : null))}::timestamptz[],
      retrying => ${mode === "retry"}, atomic => ${mode === "atomic"}, dry => ${mode === "dry"},
      problems => ${problems}
    ) order by n`;
};
