import type { Lender, Lent } from "./lender.ts";
import { secrets } from "./secrets.ts";

/** nginx and two gateways: the way in for every client, in front of whatever answers. */
export type Entrance = {
  readonly url: string;
  readonly processes: readonly Lent[];
};

export type Upstreams = {
  readonly emotionIngestion: readonly Lent[];
  readonly transactionIngestion: readonly Lent[];
  /** Where there is none, bare stands in for it: gateways ask it which tokens were revoked. */
  readonly creditService?: readonly Lent[];
  readonly ledgerService?: readonly Lent[];
};

// Callers of a bench come from one address and for one user; their quota must not be what is measured.
const UNLIMITED = { RATE_LIMIT_PER_SECOND: "1000000", RATE_LIMIT_BURST: "10000000" };

export const openEntrance = async (
  lender: Lender,
  label: string,
  redis: Lent,
  upstreams: Upstreams,
): Promise<Entrance> => {
  const credit = upstreams.creditService ?? [
    await lender.process(`${label}bare-credit-1`, "bench/bare/main.ts", {}),
  ];
  const env = {
    ...secrets,
    ...UNLIMITED,
    REDIS_URL: redis.url,
    EMOTION_INGESTION_URL: urlsOf(upstreams.emotionIngestion),
    TRANSACTION_INGESTION_URL: urlsOf(upstreams.transactionIngestion),
    CREDIT_SERVICE_URL: urlsOf(credit),
    // Required, and called by the benches of money alone.
    LEDGER_SERVICE_URL: urlsOf(upstreams.ledgerService ?? credit),
    // Required, and never called.
    DEAD_LETTER_URL: urlsOf(credit),
  };
  const gateways = await Promise.all(
    [1, 2].map((number) => lender.process(`${label}gateway-${number}`, "gateway/main.ts", env)),
  );
  const nginx = await lender.nginx(`${label}nginx-1`, gateways);
  return {
    url: nginx.url,
    processes: [...gateways, nginx].map((lent) => ({ ...lent, name: lent.name.slice(label.length) })),
  };
};

/** The same way in, in front of two bare servers. */
export const openBareEntrance = async (lender: Lender, redis: Lent): Promise<Entrance> => {
  const bare = await Promise.all(
    [1, 2].map((number) => lender.process(`bare-${number}`, "bench/bare/main.ts", {})),
  );
  const everywhere = { emotionIngestion: bare, transactionIngestion: bare, creditService: bare };
  const { url, processes } = await openEntrance(lender, "bare-", redis, everywhere);
  return { url, processes: [...processes, ...bare] };
};

const urlsOf = (replicas: readonly Lent[]): string => replicas.map(({ url }) => url).join(",");
