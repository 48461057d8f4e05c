import type postgres from "postgres";
import { codeOf } from "../errors/code-of.ts";
import { LOSS_CODES } from "./connection-codes.ts";

/**
 * Runs the work in a transaction: commits what it did when it resolves, rolls back when it throws. Where the
 * connection is lost, nothing more is sent for this transaction, the work is waited for, and the loss is thrown.
 *
 * The driver's `begin` alone (3.4.9) does not do this: after a loss it writes its own rollback to a socket that is
 * gone, which ends the process, and statements that follow may run on the connection's successor, in nobody's
 * transaction or in another one's.
 */
export const inTransaction = async <Result>(
  sql: postgres.Sql,
  work: (tx: postgres.TransactionSql) => Promise<Result>,
): Promise<Result> => {
  let lost: Error | undefined;
  let working: Promise<unknown> = Promise.resolve();
  const refuseWhenLost: ProxyHandler<postgres.TransactionSql> = {
    apply: (tx, self, args) => {
      if (lost) throw lost;
      return Reflect.apply(tx as unknown as () => unknown, self, args) as unknown;
    },
  };
  try {
    return (await sql.begin(async (tx) => {
      const result = work(new Proxy(tx, refuseWhenLost));
      working = result.catch(() => {});
      try {
        const value = await result;
        return lost ? await never() : value;
      } catch (error) {
        // Whatever `begin` did next would go to the lost connection; it has heard, or will hear, of the loss itself.
        if (lost || endsConnection(error)) return await never();
        throw error;
      }
    })) as Result;
  } catch (error) {
    lost = error as Error;
    await working;
    throw error;
  }
};

const never = (): Promise<never> => new Promise(() => {});

// A server that says FATAL closes the connection; any other error with a code is the driver's or the socket's.
const endsConnection = (error: unknown): boolean => {
  if (error instanceof Error && error.name === "PostgresError")
    return "severity" in error && (error.severity === "FATAL" || error.severity === "PANIC");
  return LOSS_CODES.has(codeOf(error) ?? "");
};
