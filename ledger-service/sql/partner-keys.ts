import type { Queryable } from "../../platform/database/connect.ts";

export type KeyRow = {
  id: string;
  partner_id: string;
  prefix: string;
  scopes: string[];
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
};

export type StoredKey = { id: string; partnerId: string; hash: string; prefix: string; actor: string };

/** Undefined where there is no such partner. */
export const insertKey = async (
  sql: Queryable,
  key: StoredKey & { scopes: readonly string[] },
): Promise<KeyRow | undefined> => {
  const [row] = await sql<KeyRow[]>`
    insert into ledger_partner_keys (id, partner_id, key_hash, prefix, scopes, created_by)
    select ${key.id}::uuid, id, ${`\\x${key.hash}`}::text::bytea, ${key.prefix}, ${key.scopes as string[]}::text[], ${key.actor}
    from ledger_partners where id = ${key.partnerId}::uuid
    returning id, partner_id, prefix, scopes, created_at, expires_at, revoked_at`;
  return row;
};

/**
 * Puts a new key with the same scopes in a key's place; the old one works for `graceSeconds` more. Undefined where it is
 * unknown, revoked, over, or was rotated before: of two rotations at once one makes a key.
 */
export const rotateKey = async (
  sql: Queryable,
  { oldId, graceSeconds, ...key }: StoredKey & { oldId: string; graceSeconds: number },
): Promise<KeyRow | undefined> => {
  const [row] = await sql<KeyRow[]>`
    with old as (
      select id, partner_id, scopes from ledger_partner_keys
      where id = ${oldId}::uuid and partner_id = ${key.partnerId}::uuid and revoked_at is null and rotated_to is null
        and (expires_at is null or expires_at > now())
      for update
    ), made as (
      insert into ledger_partner_keys (id, partner_id, key_hash, prefix, scopes, created_by)
      select ${key.id}::uuid, partner_id, ${`\\x${key.hash}`}::text::bytea, ${key.prefix}, scopes, ${key.actor} from old
      returning id, partner_id, prefix, scopes, created_at, expires_at, revoked_at
    ), ended as (
      update ledger_partner_keys as k
      set rotated_to = ${key.id}::uuid, expires_at = now() + make_interval(secs => ${graceSeconds})
      from old where k.id = old.id
    )
    select * from made`;
  return row;
};

/** Newest first; along ledger_partner_keys_partner. */
export const listKeys = (
  sql: Queryable,
  page: { partnerId: string; before: string | undefined; most: number },
): Promise<KeyRow[]> => sql<KeyRow[]>`
  select id, partner_id, prefix, scopes, created_at, expires_at, revoked_at
  from ledger_partner_keys
  where partner_id = ${page.partnerId}::uuid
    ${page.before === undefined ? sql`` : sql`and id < ${page.before}::uuid`}
  order by id desc limit ${page.most}::int`;

export const keyExists = async (sql: Queryable, partnerId: string, keyId: string): Promise<boolean> =>
  (await sql`select from ledger_partner_keys where id = ${keyId}::uuid and partner_id = ${partnerId}::uuid`)
    .length > 0;

/** Ends a key; one that has ended keeps its time. */
export const revokeKey = async (
  sql: Queryable,
  partnerId: string,
  keyId: string,
): Promise<KeyRow | undefined> => {
  const [row] = await sql<KeyRow[]>`
    update ledger_partner_keys set revoked_at = coalesce(revoked_at, now())
    where id = ${keyId}::uuid and partner_id = ${partnerId}::uuid
    returning id, partner_id, prefix, scopes, created_at, expires_at, revoked_at`;
  return row;
};

export type KeyHolder = { partnerId: string; scopes: string[] };

/** Whose key this is, if it still opens anything. */
export const findKeyHolder = async (sql: Queryable, hash: string): Promise<KeyHolder | undefined> => {
  const [row] = await sql<{ partner_id: string; scopes: string[] }[]>`
    select k.partner_id, k.scopes
    from ledger_partner_keys as k
    join ledger_partners as p on p.id = k.partner_id and p.status = 'active'
    where k.key_hash = ${`\\x${hash}`}::text::bytea and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > now())`;
  return row && { partnerId: row.partner_id, scopes: row.scopes };
};
