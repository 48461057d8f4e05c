import postgres from "postgres";
import { stack } from "./stack.ts";

let pool: postgres.Sql | undefined;

/** The stack's database, to see what it holds. One small pool a test file; it closes when idle. */
export const sql = (): postgres.Sql =>
  (pool ??= postgres(stack().databaseUrl, { max: 2, idle_timeout: 1, onnotice: () => {} }));
