import type { Queryable } from "../../platform/database/connect.ts";
import type { StatementPosition, StatementQuery } from "../domain/statement-position.ts";

export type StatementLine = {
  recorded_at: string;
  effective_at: string;
  /** The time that orders the statement. */
  since: string;
  part: number;
  version: string;
  transfer_id: string;
  type: string;
  amount: string;
  running: string;
  counterparty: string;
  reference_id: string | null;
  description: string | null;
};

/** `from` and `to`: the first moment of it, and the first moment behind it. */
export type StatementSpan = StatementQuery & { after: StatementPosition | undefined; limit: number };

export type Statement = {
  opening: string;
  closing: string;
  /** Sees every entry that counts here, and no other. */
  snapshot: string;
  lines: StatementLine[];
};

/**
 * What moved from one moment to another, by when it was recorded or by when it takes effect, in that order, with the
 * running balance of the whole account; the opening and the closing by the same entries. Behind a position, only
 * entries that its snapshot sees count: the row of an account, or of its part, is locked until its entries are
 * committed, so these are its first ones by version. Its balances are gone on with, so that a page reads its own lines
 * and no others: along their versions, and those with an effective time of their own along the indexes of these.
 */
export const readStatement = async (
  sql: Queryable,
  { accountId, from, to, basis, after, limit }: StatementSpan,
): Promise<Statement> => {
  const effective = basis === "effective";
  const start = sql`${after?.since ?? from}::text::timestamptz`;
  const end = sql`${to}::text::timestamptz`;
  const behind = (since: "recorded_at" | "effective_at") =>
    after === undefined
      ? sql``
      : sql`and (e.${sql(since)}, e.recorded_at, e.sub, e.version) > (
          ${after.since}::text::timestamptz, ${after.recordedAt}::text::timestamptz,
          ${after.part}::smallint, ${after.version}::bigint
        )`;
  const [statement] = await sql<Statement[]>`
    with account as materialized (
      select a.id, a.exponent, a.sub_balances, ${
        after === undefined
          ? sql`
        pg_current_snapshot() as snapshot, opening, closing, opening as before
      from ledger_accounts as a
      cross join lateral ledger_balance_at(a.id, ${start} - interval '1 microsecond', ${effective}) as opening
      cross join lateral ledger_balance_at(a.id, ${end} - interval '1 microsecond', ${effective}) as closing`
          : sql`
        ${after.snapshot}::text::pg_snapshot as snapshot, c.opening, c.closing, c.before
      from ledger_accounts as a
      cross join lateral (
        select round(${after.opening}::text::numeric * p.places) as opening,
          round(${after.closing}::text::numeric * p.places) as closing,
          round(${after.running}::text::numeric * p.places) as before
        from (select 10::numeric ^ a.exponent::numeric as places) as p
      ) as c`
      }
      where a.id = ${accountId}::uuid
    ), parts as materialized (
      select a.id, part::smallint as part,
        ledger_version_at(a.id, part::smallint, ${start} - interval '1 microsecond') as above,
        ledger_version_at(a.id, part::smallint, ${end} - interval '1 microsecond') as upto,
        coalesce((
          select e.version from ledger_entries as e
          where e.account_id = a.id and e.sub = part
            ${after === undefined ? sql`` : sql`and pg_visible_in_snapshot(e.xid, a.snapshot)`}
          order by e.version desc limit 1
        ), 0) as seen
      from account as a
      cross join generate_series(least(a.sub_balances, 1), a.sub_balances) as part
    ), counted as (
      select e.*, e.recorded_at as since
      from parts as p
      cross join lateral (
        select e.* from ledger_entries as e
        where e.account_id = p.id and e.sub = p.part and e.version > p.above and e.version <= least(p.upto, p.seen)
          ${effective ? sql`and e.effective_at is null` : sql``} ${behind("recorded_at")}
        order by e.version
        limit ${limit}
      ) as e
      ${
        effective
          ? sql`
      union all
      (
        select e.*, e.effective_at
        from ledger_entries as e
        where e.account_id = ${accountId}::uuid and e.effective_at >= ${start} and e.effective_at < ${end}
          and e.version <= (select p.seen from parts as p where p.part = e.sub) ${behind("effective_at")}
        order by e.effective_at, e.recorded_at, e.sub, e.version
        limit ${limit}
      )`
          : sql``
      }
    ), page as (
      select c.*, a.exponent, a.before + sum(c.amount) over (order by c.since, c.recorded_at, c.sub, c.version) as running
      from (
        select * from counted order by since, recorded_at, sub, version limit ${limit}
      ) as c
      cross join account as a
    )
    select ledger_decimal(a.opening, a.exponent) as opening, ledger_decimal(a.closing, a.exponent) as closing,
      a.snapshot::text as snapshot,
      coalesce((
        select json_agg(json_build_object(
          'recorded_at', ledger_time(p.recorded_at), 'since', ledger_time(p.since),
          'effective_at', ledger_time(coalesce(p.effective_at, p.recorded_at)), 'part', p.sub,
          'version', p.version::text, 'transfer_id', p.transfer_id, 'type', t.type,
          'amount', ledger_decimal(p.amount, p.exponent), 'running', ledger_decimal(p.running, p.exponent),
          'counterparty', case when p.amount < 0 then t.destination_account_id else t.source_account_id end,
          'reference_id', t.reference_id, 'description', t.description
        ) order by p.since, p.recorded_at, p.sub, p.version)
        from page as p join ledger_transfers as t on t.id = p.transfer_id
      ), '[]') as lines
    from account as a`;
  return statement!;
};
