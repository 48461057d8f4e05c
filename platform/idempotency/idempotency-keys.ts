import type postgres from "postgres";

type Queryable = postgres.Sql | postgres.TransactionSql;

/** An answer that can be given again; the body is text that its writer understands. */
export type StoredAnswer = { status: number; body: string };

/** Holds the key until the transaction ends; false when another transaction does. Never waits. */
export const tryClaimKey = async (tx: Queryable, callerId: string, key: string): Promise<boolean> => {
  const [row] = await tx<{ claimed: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtextextended(${`idempotency ${callerId} ${key}`}, 0)) as claimed`;
  return row?.claimed === true;
};

export const findAnswer = async (
  tx: Queryable,
  callerId: string,
  key: string,
): Promise<(StoredAnswer & { requestHash: Buffer }) | undefined> => {
  const [row] = await tx<{ request_hash: Buffer; response_status: number; response_body: string }[]>`
    select request_hash, response_status, response_body
    from idempotency_keys
    where caller_id = ${callerId} and idempotency_key = ${key}`;
  return row && { requestHash: row.request_hash, status: row.response_status, body: row.response_body };
};

export const storeAnswer = async (
  tx: Queryable,
  { callerId, key, requestHash }: { callerId: string; key: string; requestHash: Buffer },
  { status, body }: StoredAnswer,
): Promise<void> => {
  await tx`
    insert into idempotency_keys (caller_id, idempotency_key, request_hash, response_status, response_body)
    values (${callerId}, ${key}, ${requestHash}, ${status}::smallint, ${body})`;
};
