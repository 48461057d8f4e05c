import { Registry, collectDefaultMetrics } from "prom-client";

/** A process's metrics: Node's own (memory, event loop lag, garbage collection) and whatever is registered. */
export const createMetrics = (config: { PROCESS_NAME: string }): Registry => {
  const registry = new Registry();
  registry.setDefaultLabels({ process: config.PROCESS_NAME });
  collectDefaultMetrics({ register: registry });
  return registry;
};
