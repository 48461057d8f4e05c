import { type App, type AppDeps, createHttpApp } from "../platform/http/create-app.ts";
import { createFaultInjection } from "./domain/faults.ts";
import { registerFaults } from "./routes/faults.ts";
import { registerPredict } from "./routes/predict.ts";

export type ModelDeps = AppDeps & {
  /** Without it faults cannot be injected: the route does not exist. */
  adminKey?: string | undefined;
  random?: () => number;
};

/** A stand-in for the data science team's model: `POST /v1/predict`, by a deterministic scorecard. */
export const createApp = ({ adminKey, random = Math.random, ...deps }: ModelDeps): App => {
  const app = createHttpApp(deps);
  const faults = createFaultInjection();
  registerPredict(app, { faults, random });
  if (adminKey !== undefined) registerFaults(app, { faults, adminKey });
  return app;
};
