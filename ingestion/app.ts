import { sendEmotion, sendTransaction } from "../contracts/http/telemetry.ts";
import { createHttpApp } from "../platform/http/create-app.ts";
import type { App, AppDeps } from "../platform/http/create-app.ts";
import { requireGateway } from "../platform/http/require-gateway.ts";
import type { LinePublisher } from "../platform/messaging/line-publisher.ts";
import type { Config } from "./config.ts";
import { registerSendEmotion } from "./routes/send-emotion.ts";
import { registerSendTransaction } from "./routes/send-transaction.ts";

export type IntakeDeps = {
  publisher: Pick<LinePublisher, "publish">;
  /** Unix milliseconds. */
  now: () => number;
};

const intakes = {
  emotion: { path: sendEmotion.path, register: registerSendEmotion },
  transaction: { path: sendTransaction.path, register: registerSendTransaction },
};

export const createApp = (
  config: Pick<Config, "GATEWAY_KEY" | "INGESTION_ROLE">,
  deps: AppDeps & IntakeDeps,
): App => {
  const app = createHttpApp(deps);
  const { path, register } = intakes[config.INGESTION_ROLE];
  app.use(path, requireGateway(config.GATEWAY_KEY));
  register(app, deps);
  return app;
};
