import type { Queryable } from "../../platform/database/connect.ts";

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
      ledger_decline_json(d.id, d.owner_id, d.amount, d.currency, d.reason, d.reference_id, d.group_id, d.decided_at)
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
      ledger_decline_json(d.id, d.owner_id, d.amount, d.currency, d.reason, d.reference_id, d.group_id, d.decided_at)
    from ledger_declines as d
    where d.scope = ${scope} and d.reference_id = ${reference}`;
  return row;
};

/**
 * A person's, newest first, after the one given. Holds are found by their account (along ledger_holds_account_placed),
 * since every hold pays for each index; declines by their owner.
 */
export const listAuthorizations = (
  sql: Queryable,
  { owner, after, limit }: { owner: string; after: string | undefined; limit: number },
): Promise<AuthorizationRow[]> => sql<AuthorizationRow[]>`
  with mark as (
    select placed_at as at from ledger_holds where id = ${after ?? null}::uuid
    union all
    select decided_at from ledger_declines where id = ${after ?? null}::uuid
  ), found as (
    (
      select h.id, h.owner_id, h.scope, h.placed_at as at, ledger_authorization_json(h) as json
      from ledger_holds as h
      where h.account_id in (select id from ledger_accounts where owner_id = ${owner}::uuid and kind = 'credit_line')
        and (${after ?? null}::uuid is null or (h.placed_at, h.id) < ((select at from mark), ${after ?? null}::uuid))
      order by h.placed_at desc, h.id desc
      limit ${limit}
    )
    union all
    (
      select
        d.id, d.owner_id, d.scope, d.decided_at,
        ledger_decline_json(d.id, d.owner_id, d.amount, d.currency, d.reason, d.reference_id, d.group_id, d.decided_at)
      from ledger_declines as d
      where d.owner_id = ${owner}::uuid
        and (${after ?? null}::uuid is null or (d.decided_at, d.id) < ((select at from mark), ${after ?? null}::uuid))
      order by d.decided_at desc, d.id desc
      limit ${limit}
    )
  )
  select id, owner_id, scope, json from found order by at desc, id desc limit ${limit}`;
