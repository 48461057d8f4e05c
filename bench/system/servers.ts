import type { Lender, Lent, LentPostgres } from "./lender.ts";
import { migrate } from "./migrate.ts";

export type Servers = { readonly postgres: LentPostgres; readonly nats: Lent; readonly redis: Lent };

/** The servers that the platform stands on, with its tables and streams. */
export const openServers = async (lender: Lender): Promise<Servers> => {
  const [postgres, nats, redis] = await Promise.all([
    lender.postgres(),
    lender.server("nats"),
    lender.server("redis"),
  ]);
  await migrate(postgres, nats);
  return { postgres, nats, redis };
};
