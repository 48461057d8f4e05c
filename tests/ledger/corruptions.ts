import type postgres from "postgres";
import { uuidv7 } from "uuidv7";
import type { Queryable } from "../../platform/database/connect.ts";
import { openAccount } from "./open-account.ts";
import { accountIdOf } from "../../ledger-service/domain/external-account-id.ts";
import { openAccount as openWallet } from "../../ledger-service/sql/accounts.ts";

/** A small ledger with everything in it: a paid, a reverted and a refused transfer, a hot account, a hold. */
export const lively = async (sql: postgres.Sql) => {
  const bank = await openAccount(sql, { kind: "bank" });
  const hot = await openAccount(sql, { kind: "system", subBalances: 4 });
  const wallet = await openAccount(sql, { kind: "wallet", ownerId: uuidv7() });
  const owner = uuidv7();
  const line = await openAccount(sql, { kind: "credit_line", ownerId: owner, creditLimit: 100_00n });
  const ids = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
  await post(sql, ids[0]!, bank, wallet, "50");
  await post(sql, ids[1]!, wallet, hot, "20.5");
  await post(sql, ids[2]!, wallet, hot, "1000");
  await post(sql, ids[3]!, line, hot, "10");
  const revert = uuidv7();
  await post(sql, revert, hot, wallet, "20.5", ids[1]);
  const hold = uuidv7();
  await sql`
    with placed as (
      update ledger_accounts set debits_pending = 3000, version = version + 1, velocity_holds = 1, velocity_total = 3000
      where id = ${line} returning version
    )
    insert into ledger_holds
      (id, account_id, owner_id, amount, open, exponent, currency, scope, placed_version, placed_at, expires_at, updated_at)
    select ${hold}, ${line}, ${owner}, 3000, 3000, 2, 'USD', 'platform', version, now(), now() + interval '1 day', now()
    from placed`;
  await sql`
    insert into outbox (subject, message_id, payload)
    values ('authorization.approved', ${`authorization.approved:${hold}`}, '{}')`;
  return { bank, hot, wallet, line, ids, revert };
};

const post = (
  sql: postgres.Sql,
  id: string,
  source: string,
  destination: string,
  amount: string,
  reverts: string | null = null,
) => sql`
  select * from ledger_post(
    accounts => array(select unnest(${[source, destination]}::uuid[]) order by 1),
    ids => ${[id]}::uuid[],
    sources => ${[source < destination ? 1 : 2]}::int[], destinations => ${[source < destination ? 2 : 1]}::int[],
    amounts => ${[amount]}::numeric[], types => '{transfer}', scopes => '{platform}',
    reverts => ${[reverts]}::uuid[],
    problems => '{"insufficient_funds":{"title":"t","status":422}}'
  )`;

type Corruption = (sql: Queryable, at: Awaited<ReturnType<typeof lively>>) => Promise<unknown>;

// One thing changed behind the ledger's back, for each rule.
export const corruptions: Record<string, Corruption[]> = {
  "accounts-as-changed": [
    (sql, { wallet }) => sql`update ledger_accounts set status = 'frozen' where id = ${wallet}`,
    (sql, { line }) => sql`update ledger_account_changes set status = 'frozen' where account_id = ${line}`,
    (sql, { hot }) => sql`update ledger_accounts set sub_balances = 5 where id = ${hot}`,
    (sql, { hot }) => sql`
      update ledger_sub_balances set sub = 9 where account_id = ${hot} and sub = 2`,
  ],
  "holds-of-their-account": [
    (sql, { line }) => sql`update ledger_holds set exponent = 0 where account_id = ${line}`,
    (sql, { line }) => sql`update ledger_holds set currency = 'EUR' where account_id = ${line}`,
    (sql, { line }) => sql`update ledger_holds set owner_id = ${uuidv7()} where account_id = ${line}`,
  ],
  "sagas-settled": [
    (sql, { line }) => sagaOf(sql, line, "completed"),
    (sql, { line }) => sagaOf(sql, line, "compensated"),
    async (sql, { line }) => {
      await sagaOf(sql, line, "compensated");
      await sql`update ledger_holds set status = 'voided', captured = 1, voided = amount - 1 where account_id = ${line}`;
    },
    (sql) => sql`
      insert into ledger_sagas (id, state, step, step_deadline, next_attempt_at, created_at, updated_at)
      values (${uuidv7()}, 'running', 'post', now(), now(), now(), now())`,
  ],
  "transfers-sum-to-zero": [
    (sql, { wallet }) => sql`update ledger_accounts set currency = 'EUR' where id = ${wallet}`,
  ],
  "transfers-in-one-currency": [
    (sql, { wallet }) => sql`update ledger_accounts set currency = 'EUR' where id = ${wallet}`,
    (sql, { ids }) => sql`update ledger_transfers set source_account_id = ${uuidv7()} where id = ${ids[2]!}`,
  ],
  "answers-as-stored": [
    (sql, { ids }) => answered(sql, sql`replace(${bodyOf(sql, ids[0]!)}, '"50.00"', '"500.00"')`),
    (sql, { ids }) => answered(sql, sql`replace(${bodyOf(sql, ids[0]!)}, ${ids[0]!}, ${uuidv7()})`),
    (sql, { ids }) => answered(sql, sql`replace(${bodyOf(sql, ids[0]!)}, '"complete"', '"failed"')`),
    (sql, { ids }) => answered(sql, sql`replace(${bodyOf(sql, ids[2]!)}, '"failed"', '"complete"')`),
    (sql, { ids }) =>
      answered(sql, sql`'{"code":"insufficient_funds","transferId":"' || ${ids[0]!}::text || '"}'`),
    (sql, { ids }) =>
      answered(sql, sql`'{"items":[' || replace(${bodyOf(sql, ids[0]!)}, 'USD', 'EUR') || ']}'`),
    (sql) =>
      answered(
        sql,
        sql`(select replace(ledger_authorization_json(h), '"30.00"', '"3.00"') from ledger_holds as h)`,
      ),
    (sql) =>
      answered(
        sql,
        sql`(select replace(ledger_authorization_json(h), 'approved', 'declined') from ledger_holds as h)`,
      ),
    (sql, { ids }) =>
      answered(
        sql,
        sql`(
        select '{"transferId":"' || ${ids[0]!}::text || '","amount":"50.00","currency":"USD","authorization":'
          || ledger_authorization_json(h) || '}' from ledger_holds as h
      )`,
      ),
    (sql, { wallet }) =>
      answered(
        sql,
        sql`(select replace(ledger_account_json(a), 'USD', 'EUR') from ledger_accounts as a where a.id = ${wallet})`,
      ),
    (sql) => answered(sql, sql`'{"id":'`),
    // Kept with status 201.
    (sql) => answered(sql, sql`'{"code":"insufficient_funds","status":422}'`),
  ],
  "balances-replayed": [
    (sql, { bank }) => sql`update ledger_accounts set debits_posted = debits_posted + 1 where id = ${bank}`,
    (sql, { hot }) => sql`
      update ledger_sub_balances set credits_posted = credits_posted + 1 where account_id = ${hot} and sub = 2`,
    (sql, { hot }) => sql`update ledger_accounts set credits_posted = 1 where id = ${hot}`,
    (sql, { bank }) => sql`
      update ledger_transfers set source_balance = source_balance + 1 where source_account_id = ${bank}`,
    (sql, { ids }) => sql`delete from ledger_transfers where id = ${ids[3]!}`,
    (sql, { ids }) => sql`update ledger_transfers set amount = amount + 1 where id = ${ids[0]!}`,
  ],
  "running-balances": [
    (sql, { wallet }) => sql`
      update ledger_transfers set destination_balance = destination_balance + 1
      where destination_account_id = ${wallet} and destination_version = 2`,
  ],
  "versions-gapless": [
    (sql, { wallet }) => sql`update ledger_accounts set version = version + 1 where id = ${wallet}`,
    (sql, { wallet }) => sql`delete from ledger_account_changes where account_id = ${wallet}`,
    (sql, { line }) => sql`update ledger_holds set placed_version = 2 where account_id = ${line}`,
    (sql, { hot }) => sql`
      update ledger_sub_balances set version = version + 1 where account_id = ${hot} and sub = 1`,
  ],
  "times-follow-versions": [
    (sql, { wallet }) => sql`
      update ledger_transfers set recorded_at = recorded_at + interval '1 hour'
      where destination_account_id = ${wallet} and destination_version = 2`,
  ],
  "pending-is-open-holds": [
    (sql, { line }) => sql`update ledger_accounts set debits_pending = 2999 where id = ${line}`,
    (sql, { line }) => sql`update ledger_holds set voided = 1 where account_id = ${line}`,
    (sql, { bank, line }) =>
      sql`update ledger_holds set destination_account_id = ${bank} where account_id = ${line}`,
  ],
  "velocity-counted": [
    (sql, { line }) => sql`update ledger_accounts set velocity_holds = velocity_holds - 1 where id = ${line}`,
    (sql, { line }) => sql`update ledger_accounts set velocity_total = velocity_total - 1 where id = ${line}`,
  ],
  "holds-add-up": [
    (sql, { line }) => sql`update ledger_holds set captured = 1 where account_id = ${line}`,
    (sql, { line }) => sql`
      insert into ledger_holds
        (id, account_id, status, amount, open, exponent, currency, scope, placed_version, placed_at, expires_at, updated_at)
      values (${uuidv7()}, ${line}, 'voided', 5, 5, 2, 'USD', 'platform', 9, now(), now() + interval '1 day', now())`,
    (sql, { ids }) => sql`update ledger_transfers set hold_id = ${uuidv7()} where id = ${ids[3]!}`,
  ],
  "names-not-taken": [(sql) => openFor(sql, `user:${uuidv7()}`, { id: accountIdOf("a client's name") })],
  "limits-kept": [
    (sql, { line }) => sql`
      update ledger_account_changes set credit_limit = 999 where account_id = ${line}`,
    (sql, { line }) => sql`update ledger_accounts set credit_limit = 10001 where id = ${line}`,
    (sql, { line }) => sql`update ledger_accounts set overlimit = 1 where id = ${line}`,
    (sql, { bank }) => sql`update ledger_accounts set overlimit = 1 where id = ${bank}`,
  ],
  "reverts-linked": [
    (sql, { revert }) => sql`update ledger_transfers set reverts_id = null where id = ${revert}`,
    (sql, { ids }) => sql`update ledger_transfers set reverted_by_id = ${uuidv7()} where id = ${ids[1]!}`,
  ],
  "changes-announced": [
    (sql, { ids }) => sql`delete from outbox where message_id like ${`%${ids[0]!}`}`,
    (sql, { ids }) => sql`delete from outbox where message_id like ${`transaction.failed:${ids[2]!}`}`,
    (sql, { line }) => sql`delete from outbox where message_id = ${`account.created:${line}`}`,
    (sql) => sql`delete from outbox where subject = 'authorization.approved'`,
    (sql) => sql`
      insert into outbox (subject, message_id, payload)
      values ('transaction.completed', ${`transaction.completed:${uuidv7()}`}, '{}')`,
    (sql) => sql`
      insert into outbox (subject, message_id, payload)
      select subject, message_id, payload from outbox where subject = 'authorization.approved'`,
    (sql, { line }) => sagaOf(sql, line, "completed"),
    (sql, { line }) => sagaOf(sql, line, "compensated"),
    (sql, { line }) => sagaOf(sql, line, "stuck"),
    async (sql, { line }) => {
      await sagaOf(sql, line, "resolved");
      await sql`
        insert into ledger_saga_actions (saga_id, action, actor, reason, state_before, step_before)
        select id, 'resolve', 'operator', 'paid back', 'stuck', 'reserve' from ledger_sagas`;
    },
    (sql) => sql`
      insert into outbox (subject, message_id, payload)
      values ('authorization.resolved', ${`authorization.resolved:${uuidv7()}:1`}, '{}')`,
  ],
  "transfers-consistent": [
    (sql, { ids }) => sql`update ledger_transfers set status = 'failed' where id = ${ids[0]!}`,
    (sql, { ids }) => sql`update ledger_transfers set status = 'complete' where id = ${ids[2]!}`,
    (sql, { ids }) => sql`update ledger_transfers set failure_code = 'unknown' where id = ${ids[0]!}`,
    (sql, { ids }) => sql`update ledger_transfers set status = 'complete' where id = ${ids[1]!}`,
    (sql, { ids }) => sql`update ledger_transfers set next_attempt_at = now() where id = ${ids[0]!}`,
    (sql, { ids }) => sql`update ledger_transfers set entry_id = null where id = ${ids[0]!}`,
    (sql, { ids }) => sql`update ledger_transfers set source_balance = 0 where id = ${ids[2]!}`,
    (sql, { ids }) => sql`
      update ledger_transfers set destination_account_id = source_account_id where id = ${ids[2]!}`,
  ],
};

/** Keeps an answer under a key. */
const answered = (sql: Queryable, body: postgres.Fragment) => sql`
  insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
  values ('platform', 'kept', '', 201, ${body})`;
const bodyOf = (sql: Queryable, transfer: string) => sql`
  (select ledger_transfer_json(t) from ledger_transfers as t where t.id = ${transfer})`;

/** A wallet, as a route opens it for an actor. */
export const openFor = (sql: Queryable, actor: string, account: { id: string; externalId?: string }) =>
  openWallet(sql, {
    ...account,
    kind: "wallet",
    currency: "USD",
    exponent: 2,
    actor,
    scope: actor,
    instance: "/test",
    requestId: "test",
    headers: {},
  });

// Of the hold that the line has.
const sagaOf = (sql: Queryable, line: string, state: string) => sql`
  insert into ledger_sagas (id, state, step, step_deadline, next_attempt_at, created_at, updated_at)
  select id, ${state}, 'reserve', now(), now(), now(), now() from ledger_holds where account_id = ${line}`;
