import type { Fragment, Queryable } from "../../platform/database/connect.ts";

export type AuthorizationRow = { id: string; owner_id: string; scope: string; json: string };

/** An authorization, approved or declined, as the API shows it. */
export const readAuthorization = async (
  sql: Queryable,
  id: string,
): Promise<AuthorizationRow | undefined> => {
  const [row] = await sql<AuthorizationRow[]>`
    select h.id, h.owner_id, h.scope, ledger_authorization_json(h) as json
    from ledger_holds as h
    where h.id = ${id}::uuid
    union all
    select
      d.id, d.owner_id, d.scope,
      ledger_decline_json(d.id, d.owner_id, d.amount, d.currency, d.reason, d.reference_id, d.group_id, d.decided_at, '', d.external_user_id)
    from ledger_declines as d
    where d.id = ${id}::uuid`;
  return row;
};

/**
 * The one of a reference in a scope, approved or declined, along ledger_holds_reference and ledger_declines_reference.
 */
export const findByReference = async (
  sql: Queryable,
  { scope, reference }: { scope: string; reference: string },
): Promise<AuthorizationRow | undefined> => {
  const [row] = await sql<AuthorizationRow[]>`
    select h.id, h.owner_id, h.scope, ledger_authorization_json(h) as json
    from ledger_holds as h
    where h.scope = ${scope} and h.reference_id = ${reference}
    union all
    select
      d.id, d.owner_id, d.scope,
      ledger_decline_json(d.id, d.owner_id, d.amount, d.currency, d.reason, d.reference_id, d.group_id, d.decided_at, '', d.external_user_id)
    from ledger_declines as d
    where d.scope = ${scope} and d.reference_id = ${reference}`;
  return row;
};

/** What a partner asked for, newest first, along ledger_holds_partner and ledger_declines_partner. */
export const listOfPartner = (
  sql: Queryable,
  { scope, before, most }: { scope: string; before: string | undefined; most: number },
): Promise<AuthorizationRow[]> => {
  const page = sql`
    where a.scope = ${scope} and a.scope like 'partner:%' ${before === undefined ? sql`` : sql`and a.id < ${before}::uuid`}
    order by a.id desc
    limit ${most}`;
  return sql<AuthorizationRow[]>`
    (select a.id, a.owner_id, a.scope, ledger_authorization_json(a) as json from ledger_holds as a ${page})
    union all
    (
      select
        a.id, a.owner_id, a.scope,
        ledger_decline_json(a.id, a.owner_id, a.amount, a.currency, a.reason, a.reference_id, a.group_id, a.decided_at, '', a.external_user_id)
      from ledger_declines as a ${page}
    )
    order by id desc
    limit ${most}`;
};

/** Those of a group in a scope, after the one given, along ledger_holds_group and ledger_declines_group. */
export const listGroup = (
  sql: Queryable,
  {
    scope,
    group,
    owner,
    after,
    limit,
  }: {
    scope: string;
    group: string;
    /** Only of this person's line. */
    owner: string | undefined;
    after: string | undefined;
    limit: number;
  },
): Promise<AuthorizationRow[]> => {
  const wanted = sql`
    a.group_id = ${group}::uuid and a.scope = ${scope}
    ${owner === undefined ? sql`` : sql`and a.owner_id = ${owner}::uuid`}
    ${after === undefined ? sql`` : sql`and a.id > ${after}::uuid`}`;
  return sql<AuthorizationRow[]>`
    select a.id, a.owner_id, a.scope, ledger_authorization_json(a) as json
    from ledger_holds as a
    where ${wanted}
    union all
    select
      a.id, a.owner_id, a.scope,
      ledger_decline_json(a.id, a.owner_id, a.amount, a.currency, a.reason, a.reference_id, a.group_id, a.decided_at, '', a.external_user_id)
    from ledger_declines as a
    where ${wanted}
    order by id
    limit ${limit}`;
};

export type CaptureRow = { version: string; json: string };

/**
 * What was taken of a hold, in the order of its account's versions, after the one given; along ledger_transfers_source,
 * from the hold's placement to its last change, since captures are in no index by their hold.
 */
export const listCaptures = (
  sql: Queryable,
  { id, after, limit }: { id: string; after: string | undefined; limit: number },
): Promise<CaptureRow[]> => sql<CaptureRow[]>`
  select t.source_version as version, json_strip_nulls(json_build_object(
    'transferId', t.id, 'amount', ledger_decimal(t.amount, t.exponent), 'currency', t.currency,
    'referenceId', t.reference_id, 'capturedAt', ledger_time(t.recorded_at),
    'revertedByTransferId', t.reverted_by_id
  ))::text as json
  from ledger_holds as h
  cross join lateral ledger_version_at(h.account_id, 0::smallint, h.updated_at) as last
  join ledger_transfers as t
    on t.source_account_id = h.account_id and t.source_sub = 0 and t.source_version > h.placed_version
    and t.source_version <= last and t.hold_id = h.id
  where h.id = ${id}::uuid ${after === undefined ? sql`` : sql`and t.source_version > ${after}::bigint`}
  order by t.source_version
  limit ${limit}`;

/**
 * A person's, newest first, after the one given. Holds are found by their account (along ledger_holds_account_placed),
 * since every hold pays for each index; declines by their owner (along ledger_declines_owner_decided).
 */
export const listAuthorizations = (
  sql: Queryable,
  { owner, after, limit }: { owner: string; after: string | undefined; limit: number },
): Promise<AuthorizationRow[]> => {
  const behind = (at: string): Fragment =>
    after === undefined ? sql`` : sql`and (${sql(at)}, id) < ((select m.at from mark as m), ${after}::uuid)`;
  return sql<AuthorizationRow[]>`
  with mark as (
    select placed_at as at from ledger_holds where id = ${after ?? null}::uuid
    union all
    select decided_at from ledger_declines where id = ${after ?? null}::uuid
  ), found as (
    select h.*
    from ledger_accounts as a
    cross join lateral (
      select id, owner_id, scope, placed_at as at, ledger_authorization_json(h) as json
      from ledger_holds as h
      where h.account_id = a.id ${behind("placed_at")}
      order by placed_at desc, id desc
      limit ${limit}
    ) as h
    where a.owner_id = ${owner}::uuid and a.kind = 'credit_line'
    union all
    (
      select id, owner_id, scope, decided_at,
        ledger_decline_json(id, owner_id, amount, currency, reason, reference_id, group_id, decided_at, '', external_user_id)
      from ledger_declines
      where owner_id = ${owner}::uuid ${behind("decided_at")}
      order by decided_at desc, id desc
      limit ${limit}
    )
  )
  select id, owner_id, scope, json from found order by at desc, id desc limit ${limit}`;
};
