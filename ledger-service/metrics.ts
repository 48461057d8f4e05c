import { Counter, Histogram } from "prom-client";
import type { Registry } from "prom-client";

export const createLedgerMetrics = (metrics: Registry) => ({
  batch: new Histogram({
    name: "ledger_commit_batch_size",
    help: "Transfers that one commit took",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [metrics],
  }),
  retried: new Counter({
    name: "ledger_transfers_retried_total",
    help: "Attempts at transfers that wait for funds or for their time",
    registers: [metrics],
  }),
});
