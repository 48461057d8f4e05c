import { sendEmotion, sendTransaction } from "../contracts/http/telemetry.ts";
import { sendEmotionBatch, sendTransactionBatch } from "../contracts/http/telemetry-batches.ts";
import { createHttpApp } from "../platform/http/create-app.ts";
import type { App, AppDeps } from "../platform/http/create-app.ts";
import { requireGateway } from "../platform/http/require-gateway.ts";
import type { CommitWatch } from "../platform/messaging/commit-notice.ts";
import type { LinePublisher } from "../platform/messaging/line-publisher.ts";
import type { Config } from "./config.ts";
import { registerSendEmotionBatch } from "./routes/send-emotion-batch.ts";
import { registerSendEmotion } from "./routes/send-emotion.ts";
import { registerSendTransactionBatch } from "./routes/send-transaction-batch.ts";
import { registerSendTransaction } from "./routes/send-transaction.ts";

export type IntakeDeps = {
  publisher: Pick<LinePublisher, "publish" | "publishBundle">;
  commits: CommitWatch;
  /** Unix milliseconds. */
  now: () => number;
};

const intakes = {
  emotion: {
    paths: [sendEmotion.path, sendEmotionBatch.path],
    register: [registerSendEmotion, registerSendEmotionBatch],
  },
  transaction: {
    paths: [sendTransaction.path, sendTransactionBatch.path],
    register: [registerSendTransaction, registerSendTransactionBatch],
  },
};

export const createApp = (
  config: Pick<Config, "GATEWAY_KEY" | "INGESTION_ROLE">,
  deps: AppDeps & IntakeDeps,
): App => {
  const app = createHttpApp(deps);
  const { paths, register } = intakes[config.INGESTION_ROLE];
  for (const path of paths) app.use(path, requireGateway(config.GATEWAY_KEY));
  for (const registerRoute of register) registerRoute(app, deps);
  return app;
};
