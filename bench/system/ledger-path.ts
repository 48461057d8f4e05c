import { SignJWT } from "jose";
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../contracts/access-token.ts";
import { openEntrance } from "./entrance.ts";
import type { Lender, Lent } from "./lender.ts";
import { migrate } from "./migrate.ts";
import { secrets } from "./secrets.ts";

export type LedgerServers = { readonly postgres: Lent; readonly nats: Lent; readonly redis: Lent };

/** What ledger-service needs, with its tables. */
export const openLedgerServers = async (lender: Lender): Promise<LedgerServers> => {
  const [postgres, nats, redis] = await Promise.all([
    lender.server("postgres"),
    lender.server("nats"),
    lender.server("redis"),
  ]);
  await migrate(postgres, nats);
  return { postgres, nats, redis };
};

/** One replica of ledger-service, with nginx and two gateways in front. */
export const openLedgerPath = async (lender: Lender, { postgres, nats, redis }: LedgerServers) => {
  const ledger = await lender.process("ledger-service-1", "ledger-service/main.ts", {
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    GATEWAY_KEY: secrets.GATEWAY_KEY,
    LEDGER_CHAIN_KEY: secrets.LEDGER_CHAIN_KEY,
  });
  const all = [ledger];
  const entrance = await openEntrance(lender, "", redis, {
    emotionIngestion: all,
    transactionIngestion: all,
    ledgerService: all,
  });
  return { entrance, postgres, ledger };
};

/** An operator's access token, as credit-service would issue it. */
export const operatorToken = (id: string): Promise<string> =>
  new SignJWT({ role: "operator" })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM })
    .setSubject(id)
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secrets.JWT_SECRET));
