import type { Queryable } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";

export type NewAccount = {
  readonly id?: string;
  readonly kind: "wallet" | "credit_line" | "bank" | "system";
  readonly currency?: string;
  readonly exponent?: number;
  readonly ownerId?: string | null;
  /** Minor units; of wallets 0, and null where the kind has none. */
  readonly creditLimit?: bigint | null;
  readonly subBalances?: number;
  readonly externalId?: string | null;
};

/** Puts an account into the database as its opening does, without a balance. */
export const openAccount = async (sql: Queryable, account: NewAccount): Promise<string> => {
  const {
    id = uuidv7(),
    kind,
    currency = "USD",
    exponent = 2,
    ownerId = null,
    subBalances = 0,
    externalId = null,
  } = account;
  const limited = kind === "wallet" || kind === "credit_line";
  const limit = limited ? String(account.creditLimit ?? 0n) : null;
  await sql`
    with opened as (
      insert into ledger_accounts
        (id, external_id, kind, currency, exponent, owner_id, credit_limit, sub_balances, created_at, updated_at)
      values (${id}, ${externalId}, ${kind}, ${currency}, ${exponent}, ${ownerId}, ${limit}, ${subBalances}, now(), now())
      returning id, credit_limit, status
    ), parts as (
      insert into ledger_sub_balances (account_id, sub, updated_at)
      select id, sub, now() from opened cross join generate_series(1, ${subBalances}::int) as sub
    ), announced as (
      insert into outbox (subject, message_id, payload)
      select 'account.created', 'account.created:' || id, jsonb_build_object('accountId', id) from opened
    )
    insert into ledger_account_changes (account_id, version, change, credit_limit, status, actor, recorded_at)
    select id, 1, 'opened', credit_limit, status, 'test', now() from opened`;
  return id;
};
