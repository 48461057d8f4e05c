import type { Queryable } from "../../platform/database/connect.ts";

export type PartnerRow = {
  id: string;
  name: string;
  status: "active" | "suspended";
  settlement_account_id: string | null;
  created_at: Date;
};

/**
 * An account that captures can settle to, locked: its closing waits, and then finds that it is needed. With it one row
 * of `named`, none where there is no such open account or it is a credit line; of null always one.
 */
const named = (sql: Queryable, settlementAccountId: string | null) => sql`
  settlement as (
    select id from ledger_accounts
    where id = ${settlementAccountId}::uuid and kind <> 'credit_line' and status = 'open'
    for share
  ), named as (
    select id from settlement
    union all
    select null::uuid where ${settlementAccountId}::uuid is null
  )`;

/** Undefined where the settlement account is none that could take money: there is no such one, or it is a credit line. */
export const insertPartner = async (
  sql: Queryable,
  { id, name, settlementAccountId }: { id: string; name: string; settlementAccountId: string | undefined },
): Promise<PartnerRow | undefined> => {
  const [row] = await sql<PartnerRow[]>`
    with ${named(sql, settlementAccountId ?? null)}
    insert into ledger_partners (id, name, settlement_account_id)
    select ${id}::uuid, ${name}, n.id from named as n
    returning id, name, status, settlement_account_id, created_at`;
  return row;
};

export type PartnerUpdate = {
  status?: PartnerRow["status"] | undefined;
  /** Null: where the platform settles. */
  settlementAccountId?: string | null | undefined;
};

/** Undefined where there is no such partner, or its new settlement account is none, as for `insertPartner`. */
export const updatePartner = async (
  sql: Queryable,
  id: string,
  { status, settlementAccountId }: PartnerUpdate,
): Promise<PartnerRow | undefined> => {
  const [row] = await sql<PartnerRow[]>`
    with ${named(sql, settlementAccountId ?? null)}
    update ledger_partners as p
    set status = coalesce(${status ?? null}::text, p.status),
      settlement_account_id = case when ${settlementAccountId !== undefined} then n.id else p.settlement_account_id end
    from named as n
    where p.id = ${id}::uuid
    returning p.id, p.name, p.status, p.settlement_account_id, p.created_at`;
  return row;
};

/** Newest first; along the primary key, whose ids are in the order of time. */
export const listPartners = (
  sql: Queryable,
  page: { before: string | undefined; most: number },
): Promise<PartnerRow[]> => sql<PartnerRow[]>`
  select id, name, status, settlement_account_id, created_at from ledger_partners
  ${page.before === undefined ? sql`` : sql`where id < ${page.before}::uuid`}
  order by id desc limit ${page.most}::int`;

export const partnerExists = async (sql: Queryable, id: string): Promise<boolean> =>
  (await sql`select from ledger_partners where id = ${id}::uuid`).length > 0;

export type LinkRow = { external_user_id: string; user_id: string; linked_at: Date };

/** The link as it stands now, which is another person's if the id was taken; undefined without such a partner. */
export const linkUser = async (
  sql: Queryable,
  link: { partnerId: string; externalUserId: string; userId: string; actor: string },
): Promise<LinkRow | undefined> => {
  const [row] = await sql<LinkRow[]>`
    insert into ledger_partner_users as u (partner_id, external_user_id, user_id, linked_by)
    select id, ${link.externalUserId}, ${link.userId}::uuid, ${link.actor} from ledger_partners where id = ${link.partnerId}::uuid
    on conflict (partner_id, external_user_id) do update set user_id = u.user_id
    returning external_user_id, user_id, linked_at`;
  return row;
};

/** In the order of the partner's own ids. */
export const linkedUsers = (
  sql: Queryable,
  { partnerId, after, most }: { partnerId: string; after: string | undefined; most: number },
): Promise<LinkRow[]> => sql<LinkRow[]>`
  select external_user_id, user_id, linked_at
  from ledger_partner_users
  where partner_id = ${partnerId}::uuid ${after === undefined ? sql`` : sql`and external_user_id > ${after}`}
  order by external_user_id
  limit ${most}`;

export const unlinkUser = async (
  sql: Queryable,
  partnerId: string,
  externalUserId: string,
): Promise<void> => {
  await sql`
    delete from ledger_partner_users
    where partner_id = ${partnerId}::uuid and external_user_id = ${externalUserId}`;
};
