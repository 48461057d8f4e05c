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
  return sql<Answer[]>`
    select status, body, replayed from ledger_post(
      accounts => ${textArray(accounts)}::uuid[],
      ids => ${column(({ id }) => id)}::uuid[],
      sources => ${column(({ source }) => places.get(source)!)}::integer[],
      destinations => ${column(({ destination }) => places.get(destination)!)}::integer[],
      amounts => ${column(({ amount }) => amount)}::numeric[],
      types => ${column(({ type }) => type)}::text[],
      scopes => ${column(({ scope }) => scope)}::text[],
      keys => ${column(({ key }) => key)}::text[],
      hashes => ${column(({ hash }) => hash && `\\x${hash}`)}::bytea[],
      owners => ${column(({ owner }) => owner)}::uuid[],
      currencies => ${column(({ currency }) => currency)}::text[],
      refs => ${column(({ reference }) => reference)}::text[],
      reverts => ${column(({ reverts }) => reverts)}::uuid[],
      waits => ${column(({ waits }) => String(waits))}::boolean[],
      not_before => ${column(({ later }) => (later ? LATER : null))}::timestamptz[],
      retrying => ${mode === "retry"}, atomic => ${mode === "atomic"}, dry => ${mode === "dry"},
      problems => ${problems}
    ) order by n`;
};
