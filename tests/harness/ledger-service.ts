import type { LedgerBody } from "./answer-body.ts";
import { randomUUID } from "node:crypto";
import { Registry } from "prom-client";
import { createHolds } from "../../ledger-service/actions/holds.ts";
import { createPost } from "../../ledger-service/actions/post.ts";
import { createApp } from "../../ledger-service/app.ts";
import { openAccount } from "../../ledger-service/sql/accounts.ts";
import { postTransfers } from "../../ledger-service/sql/post-transfers.ts";
import type { Queryable, Sql } from "../../platform/database/connect.ts";
import { createHealth } from "../../platform/http/health.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { uuidv7 } from "uuidv7";
import { createLogger } from "../../platform/observability/logger.ts";
import {
  type Answer,
  type Send,
  sendAsGateway,
  type SendOptions,
  TEST_GATEWAY_KEY,
} from "./send-as-gateway.ts";

export const LEDGER_OPERATOR: Caller = { kind: "operator", id: randomUUID() };

export type LedgerAnswer = Answer<LedgerBody>;
export type LedgerSendOptions = SendOptions & {
  /** The Idempotency-Key; one of its own unless it says otherwise. Null sends none. */
  key?: string | null;
};

export type LedgerReplica = AsyncDisposable & {
  /** A request as the gateway passes it on; an operator's unless it says otherwise. */
  send: Send<LedgerBody, LedgerSendOptions>;
};

/** One replica of ledger-service in this process, on a real database. */
export const startLedger = (sql: Sql): LedgerReplica => {
  const logger = createLogger({ PROCESS_NAME: "ledger-service", LOG_LEVEL: "silent" });
  const wakeRelay = (): void => {};
  const pool = { sql, batches: 1 };
  const post = createPost({ lanes: pool, wakeRelay });
  const policy = { maxAmount: null, velocity: { seconds: 60, count: null, amount: null } };
  const holds = createHolds({
    sql,
    lanes: { purchases: pool, captures: pool, voids: pool },
    wakeRelay,
    policy,
  });
  const app = createApp({
    logger,
    metrics: new Registry(),
    health: createHealth(),
    sql,
    post,
    holds,
    wakeRelay,
    config: { GATEWAY_KEY: TEST_GATEWAY_KEY },
  });
  const send = sendAsGateway<LedgerBody>(app, LEDGER_OPERATOR);
  return {
    send: (method, path, { key = randomUUID(), headers = {}, ...rest } = {}) => {
      const keyed = key !== null && method === "POST" && { "idempotency-key": key };
      return send(method, path, { ...rest, headers: { ...keyed, ...headers } });
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([post.stop(), holds.stop()]);
    },
  };
};

const nobody = { scope: "platform", instance: "", requestId: "", headers: {} };

/** An account of the house: it has no limit, and `subBalances` parts. */
export const openHouse = async (
  sql: Queryable,
  { currency = "USD", exponent = 2, subBalances = 0 } = {},
): Promise<string> => {
  const id = uuidv7();
  await openAccount(sql, { ...nobody, id, kind: "system", currency, exponent, subBalances, actor: "test" });
  return id;
};

export type OpenedWallet = { id: string; owner: string; caller: Caller };

/** A wallet of a fresh user, with a balance (a decimal) out of a house account of its own. */
export const openWallet = async (
  sql: Sql,
  { owner = randomUUID() as string, balance = "0", currency = "USD", exponent = 2 } = {},
): Promise<OpenedWallet> => {
  const id = uuidv7();
  await openAccount(sql, {
    ...nobody,
    id,
    kind: "wallet",
    currency,
    exponent,
    ownerId: owner,
    actor: "test",
  });
  if (/[1-9]/.test(balance)) {
    const source = await openHouse(sql, { currency, exponent });
    const order = { ...nobody, id: uuidv7(), source, destination: id, amount: balance, type: "deposit" };
    const [answer] = await postTransfers(sql, [order]);
    if (answer?.status !== 201) throw new Error(`no balance for the wallet: ${answer?.body}`);
  }
  return { id, owner, caller: { kind: "user", id: owner } };
};

/** Two wallets of two people, the first with a balance (a decimal), and how a transfer names them. */
export const openPair = async (sql: Sql, balance = "100") => {
  const [source, destination] = await Promise.all([openWallet(sql, { balance }), openWallet(sql)]);
  return { source, destination, order: { sourceAccountId: source.id, destinationAccountId: destination.id } };
};

export type Funds = { balance: bigint; version: bigint };

/** Credits less debits in minor units, and the version, of an account and its parts together. */
export const fundsOf = async (sql: Sql, id: string): Promise<Funds> => {
  const [row] = await sql<{ balance: string; version: string }[]>`
    select (a.credits_posted - a.debits_posted + coalesce(sum(b.credits_posted - b.debits_posted), 0))::bigint as balance,
      (a.version + coalesce(sum(b.version), 0))::bigint as version
    from ledger_accounts as a
    left join ledger_sub_balances as b on b.account_id = a.id
    where a.id = ${id}::uuid
    group by a.id`;
  return { balance: BigInt(row!.balance), version: BigInt(row!.version) };
};

/**
 * What must hold whatever happened: entries of a transfer sum to zero, each row's balance is the sum of its entries
 * and its last balance-after, versions have no gap. Returns what does not, in words.
 */
export const findFaults = async (sql: Sql): Promise<string[]> => {
  const rows = await sql<{ fault: string }[]>`
    with rows as (
      select id as account_id, 0::smallint as sub, credits_posted - debits_posted as balance, version, debits_pending
      from ledger_accounts where sub_balances = 0
      union all
      select account_id, sub, credits_posted - debits_posted, version, debits_pending from ledger_sub_balances
    ), sums as (
      select account_id, sub, sum(amount) as total, array_agg(balance_after order by version desc) as afters
      from ledger_entries group by account_id, sub
    ), versions as (
      select account_id, sub, version from ledger_entries
      union all select c.account_id, 0, c.version from ledger_account_changes as c
        join ledger_accounts as a on a.id = c.account_id and a.sub_balances = 0
      union all select account_id, 0, placed_version from ledger_holds
      union all select account_id, 0, closed_version from ledger_holds where closed_version is not null
    )
    select 'transfer ' || transfer_id || ' does not sum to zero' as fault
    from ledger_entries group by transfer_id having sum(amount) <> 0 or count(*) <> 2
    union all
    select 'account ' || r.account_id || '/' || r.sub || ' has ' || r.balance || ', its entries ' || coalesce(s.total, 0)
    from rows as r left join sums as s using (account_id, sub)
    where r.balance <> coalesce(s.total, 0) or r.balance <> coalesce(s.afters[1], 0)
    union all
    select 'account ' || r.account_id || '/' || r.sub || ' is at version ' || r.version || ' after ' || count(v.version)
    from rows as r left join versions as v using (account_id, sub)
    group by r.account_id, r.sub, r.version
    having r.version <> count(v.version) or r.version <> count(distinct v.version) or r.version <> coalesce(max(v.version), 0)`;
  return rows.map(({ fault }) => fault);
};
