import { Counter, Gauge, Histogram } from "prom-client";
import type { Registry } from "prom-client";

export type ConsumerMetrics = ReturnType<typeof createConsumerMetrics>;

const labelNames = ["consumer"] as const;

export const createConsumerMetrics = (metrics: Registry) => {
  const registers = [metrics];
  return {
    events: new Counter({
      name: "consumer_events_total",
      help: "Events by what became of them: done, retry or dead",
      labelNames: ["consumer", "outcome"] as const,
      registers,
    }),
    batchSize: new Histogram({
      name: "consumer_batch_events",
      help: "Events in a batch",
      labelNames,
      buckets: [1, 5, 10, 50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000],
      registers,
    }),
    duration: new Histogram({
      name: "consumer_batch_duration_seconds",
      help: "Time from a batch being handed to the handler until it is settled",
      labelNames,
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
      registers,
    }),
    redeliveries: new Counter({
      name: "consumer_redelivered_messages_total",
      help: "Messages that had been delivered before",
      labelNames,
      registers,
    }),
    deadLetters: new Counter({
      name: "consumer_dead_letters_total",
      help: "Events moved to the dead letters",
      labelNames: ["consumer", "error_class"] as const,
      registers,
    }),
    held: new Gauge({
      name: "consumer_held_batches",
      help: "Batches held in hand because a server that they need is away",
      labelNames,
      registers,
    }),
    lag: new Gauge({
      name: "consumer_lag_messages",
      help: "Messages in the stream that are not yet acknowledged, delivered or not",
      labelNames,
      registers,
    }),
    oldestUnacked: new Gauge({
      name: "consumer_oldest_unacked_seconds",
      help: "Age of the oldest message that is not yet acknowledged; 0 when there is none",
      labelNames,
      registers,
    }),
    pending: new Gauge({
      name: "consumer_pending_messages",
      help: "Messages in the stream that were never delivered",
      labelNames,
      registers,
    }),
    ackPending: new Gauge({
      name: "consumer_ack_pending_messages",
      help: "Messages delivered and not yet acknowledged",
      labelNames,
      registers,
    }),
  };
};
