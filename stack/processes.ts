import type { Secrets } from "./home/secrets.ts";

/** What a stack's processes are told of one another. */
export type Surroundings = {
  readonly secrets: Pick<
    Secrets,
    "jwtSecret" | "internalKey" | "gatewayKey" | "mlAdminKey" | "ledgerChainKey"
  >;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
  /** Copies that the broker keeps of each stream. */
  readonly streamReplicas: number;
  /** The base URLs of every replica of a process, separated by commas. */
  readonly urlsOf: (name: string) => string;
};

/** When a process is stopped: the earlier stages first, so that what is in hand can still finish. */
export type Stage = "entry" | "service" | "worker";

export type ProcessEntry = {
  /** The name of its service in docker-compose.yaml; a replica's is this with a number. */
  readonly name: string;
  readonly entry: string;
  readonly replicas: number;
  readonly stage: Stage;
  readonly environment: (at: Surroundings) => Record<string, string>;
};

const gateway: ProcessEntry = {
  name: "gateway",
  entry: "gateway/main.ts",
  replicas: 2,
  stage: "entry",
  environment: ({ secrets, redisUrl, urlsOf }) => ({
    JWT_SECRET: secrets.jwtSecret,
    INTERNAL_KEY: secrets.internalKey,
    GATEWAY_KEY: secrets.gatewayKey,
    REDIS_URL: redisUrl,
    EMOTION_INGESTION_URL: urlsOf("emotion-ingestion"),
    TRANSACTION_INGESTION_URL: urlsOf("transaction-ingestion"),
    CREDIT_SERVICE_URL: urlsOf("credit-service"),
    LEDGER_SERVICE_URL: urlsOf("ledger-service"),
    DEAD_LETTER_URL: urlsOf("dead-letter"),
  }),
};

const ingestion = (role: "emotion" | "transaction"): ProcessEntry => ({
  name: `${role}-ingestion`,
  entry: "ingestion/main.ts",
  replicas: 2,
  stage: "service",
  environment: ({ secrets, natsUrl, streamReplicas }) => ({
    INGESTION_ROLE: role,
    NATS_URL: natsUrl,
    GATEWAY_KEY: secrets.gatewayKey,
    STREAM_REPLICAS: String(streamReplicas),
  }),
});

const creditService: ProcessEntry = {
  name: "credit-service",
  entry: "credit-service/main.ts",
  replicas: 2,
  stage: "service",
  environment: ({ secrets, databaseUrl, redisUrl, natsUrl, urlsOf }) => ({
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    NATS_URL: natsUrl,
    ML_URL: urlsOf("ml-mock"),
    JWT_SECRET: secrets.jwtSecret,
    GATEWAY_KEY: secrets.gatewayKey,
  }),
};

const ledgerService: ProcessEntry = {
  name: "ledger-service",
  entry: "ledger-service/main.ts",
  replicas: 2,
  stage: "service",
  environment: ({ secrets, databaseUrl, natsUrl }) => ({
    DATABASE_URL: databaseUrl,
    NATS_URL: natsUrl,
    GATEWAY_KEY: secrets.gatewayKey,
    LEDGER_CHAIN_KEY: secrets.ledgerChainKey,
  }),
};

const mlMock: ProcessEntry = {
  name: "ml-mock",
  entry: "ml-mock/main.ts",
  replicas: 2,
  stage: "worker",
  environment: ({ secrets }) => ({ ML_ADMIN_KEY: secrets.mlAdminKey }),
};

const worker = (name: string): ProcessEntry => ({
  name,
  entry: `workers/${name}/main.ts`,
  replicas: 1,
  stage: "worker",
  environment: ({ natsUrl, databaseUrl, streamReplicas }) => ({
    NATS_URL: natsUrl,
    DATABASE_URL: databaseUrl,
    STREAM_REPLICAS: String(streamReplicas),
  }),
});

// A worker that also answers operators: stopped with the services, before the workers whose letters it stores.
const deadLetter: ProcessEntry = {
  ...worker("dead-letter"),
  stage: "service",
  environment: (at) => ({ ...worker("dead-letter").environment(at), GATEWAY_KEY: at.secrets.gatewayKey }),
};

/** Every process of the system behind nginx, as many of each as docker-compose.yaml runs. */
export const PROCESSES: readonly ProcessEntry[] = [
  mlMock,
  creditService,
  ledgerService,
  ingestion("emotion"),
  ingestion("transaction"),
  worker("emotion-processing"),
  worker("transaction-processing"),
  worker("credit-application"),
  worker("credit-lines"),
  worker("authorization-saga"),
  worker("outbox-relay"),
  deadLetter,
  gateway,
];

/** The variable that says how many of a process to run: `EMOTION_INGESTION_REPLICAS` and the like. */
export const replicasVariable = ({ name }: Pick<ProcessEntry, "name">): string =>
  `${name.toUpperCase().replaceAll("-", "_")}_REPLICAS`;

/** How many of a process to run: what its variable says, else the table. */
export const replicasOf = (entry: ProcessEntry, env: NodeJS.ProcessEnv): number => {
  const variable = replicasVariable(entry);
  const value = env[variable];
  if (!value) return entry.replicas;
  if (!/^[1-9]\d?$/.test(value)) throw new Error(`${variable}: must be a whole number from 1 to 99`);
  return Number(value);
};
