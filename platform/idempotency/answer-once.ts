import { createHash } from "node:crypto";
import type postgres from "postgres";
import { AppError } from "../errors/app-error.ts";
import { inTransaction } from "../database/transaction.ts";
import { type StoredAnswer, findAnswer, storeAnswer, tryClaimKey } from "./idempotency-keys.ts";

export type IdempotentRequest = {
  /** Whose key it is: one caller's never meets another's. */
  callerId: string;
  /** Undefined when the client sent none: then nothing is remembered. */
  key: string | undefined;
  /** What the request asks for; the same key with something else is refused. */
  fingerprint: unknown;
};

/**
 * Does the work and remembers its answer under the client's key, in one transaction; a repeat gets the first answer
 * without the work. `work` must return what is to be remembered, also refusals: what it throws is not remembered.
 * @throws AppError request_in_progress when the first is still running; idempotency_key_reused
 */
export const answerOnce = async (
  sql: postgres.Sql,
  { callerId, key, fingerprint }: IdempotentRequest,
  work: (tx: postgres.TransactionSql) => Promise<StoredAnswer>,
): Promise<StoredAnswer & { repeated: boolean }> =>
  inTransaction(sql, async (tx) => {
    if (key === undefined) return { ...(await work(tx)), repeated: false };
    if (!(await tryClaimKey(tx, callerId, key)))
      throw new AppError("request_in_progress", "A request with this Idempotency-Key is still running", {
        headers: { "retry-after": "1" },
      });
    const requestHash = createHash("sha256").update(JSON.stringify(fingerprint)).digest();
    const first = await findAnswer(tx, callerId, key);
    if (!first) {
      const answer = await work(tx);
      await storeAnswer(tx, { callerId, key, requestHash }, answer);
      return { ...answer, repeated: false };
    }
    if (!first.requestHash.equals(requestHash))
      throw new AppError("idempotency_key_reused", "This Idempotency-Key was used for another request");
    return { status: first.status, body: first.body, repeated: true };
  });
