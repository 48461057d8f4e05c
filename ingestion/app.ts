import { sendEmotion, sendTransaction } from "../contracts/http/telemetry.ts";
import { sendEmotionBatch, sendTransactionBatch } from "../contracts/http/telemetry-batches.ts";
import { createHttpApp } from "../platform/http/create-app.ts";
import type { App, AppDeps } from "../platform/http/create-app.ts";
import { createDirectRoutes } from "../platform/http/direct-routes.ts";
import type { DirectRoutes } from "../platform/http/direct-routes.ts";
import { createObserver } from "../platform/http/observer.ts";
import { requireGateway } from "../platform/http/require-gateway.ts";
import type { Config } from "./config.ts";
import type { IntakeDeps } from "./deps.ts";
import { directEvent } from "./routes/direct-events.ts";
import { registerSendEmotionBatch } from "./routes/send-emotion-batch.ts";
import { registerSendEmotion } from "./routes/send-emotion.ts";
import { registerSendTransactionBatch } from "./routes/send-transaction-batch.ts";
import { registerSendTransaction } from "./routes/send-transaction.ts";

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

export type Intake = {
  app: App;
  /** What is answered without the application. */
  direct: DirectRoutes;
};

export const createApp = (
  config: Pick<Config, "GATEWAY_KEY" | "INGESTION_ROLE">,
  deps: AppDeps & IntakeDeps,
): Intake => {
  const observer = createObserver(deps);
  const app = createHttpApp(deps, observer);
  const { paths, register } = intakes[config.INGESTION_ROLE];
  for (const path of paths) app.use(path, requireGateway(config.GATEWAY_KEY));
  for (const registerRoute of register) registerRoute(app, deps);
  const route = directEvent(config.INGESTION_ROLE, config.GATEWAY_KEY, deps);
  return { app, direct: createDirectRoutes([route], { observer, logger: deps.logger }) };
};
