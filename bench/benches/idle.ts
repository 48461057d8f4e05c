import { setTimeout as sleep } from "node:timers/promises";
import type { Bench } from "../bench.ts";
import { residentMb } from "../measure/memory.ts";
import { openEntrance } from "../system/entrance.ts";
import type { Lender, Lent } from "../system/lender.ts";
import { secrets } from "../system/secrets.ts";
import { openServers } from "../system/servers.ts";

const IDLE_MS = 3_000;
const CEILING_MB = 150;

export const idle: Bench = {
  name: "idle",
  title: "Memory of every service that has nothing to do",
  run: async ({ lender }) => {
    const services = await startAll(lender);
    await sleep(IDLE_MS);
    const resident = residentMb(services.map(({ name, pid }) => ({ name: name.replace(/-\d+$/, ""), pid })));
    const entries = Object.entries(resident).toSorted(([, one], [, other]) => other - one);
    return {
      sides: [],
      findings: entries.map(([label, value]) => ({ label, value, unit: "MB" as const, ceiling: CEILING_MB })),
      plot: {
        title: "resident MB",
        bars: entries.map(([label, value]) => ({ label, median: value, min: value, max: value })),
      },
      notes: [
        `Resident set size ${IDLE_MS / 1_000} s after the last of them was ready, the largest of replicas.`,
      ],
    };
  },
};

const startAll = async (lender: Lender): Promise<Lent[]> => {
  const { postgres, nats, redis } = await openServers(lender);
  const { GATEWAY_KEY, JWT_SECRET } = secrets;
  const broker = { NATS_URL: nats.url, STREAM_REPLICAS: "1" };
  const both = { ...broker, DATABASE_URL: postgres.url };
  const ingestion = (role: string): Promise<Lent> =>
    lender.process(`${role}-ingestion-1`, "ingestion/main.ts", {
      ...broker,
      GATEWAY_KEY,
      INGESTION_ROLE: role,
    });
  const worker = (name: string, env: Record<string, string> = {}): Promise<Lent> =>
    lender.process(`${name}-1`, `workers/${name}/main.ts`, { ...both, ...env });

  const model = await lender.process("ml-mock-1", "ml-mock/main.ts", {});
  const credit = await lender.process("credit-service-1", "credit-service/main.ts", {
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    ML_URL: model.url,
    JWT_SECRET,
    GATEWAY_KEY,
  });
  const ledger = await lender.process("ledger-service-1", "ledger-service/main.ts", {
    DATABASE_URL: postgres.url,
    NATS_URL: nats.url,
    GATEWAY_KEY,
    LEDGER_CHAIN_KEY: secrets.LEDGER_CHAIN_KEY,
  });
  const [emotions, transactions, ...workers] = await Promise.all([
    ingestion("emotion"),
    ingestion("transaction"),
    worker("emotion-processing"),
    worker("transaction-processing"),
    worker("credit-application"),
    worker("credit-lines"),
    worker("authorization-saga"),
    worker("outbox-relay"),
    worker("dead-letter", { GATEWAY_KEY }),
  ]);
  const upstreams = {
    emotionIngestion: [emotions],
    transactionIngestion: [transactions],
    creditService: [credit],
    ledgerService: [ledger],
  };
  const { processes } = await openEntrance(lender, "", redis, upstreams);
  return [model, credit, ledger, emotions, transactions, ...workers, ...processes.filter(isService)];
};

// nginx is no service of ours, and most of its memory is its workers'.
const isService = ({ name }: Lent): boolean => !name.startsWith("nginx");
