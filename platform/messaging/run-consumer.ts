import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, JsMsg } from "@nats-io/jetstream";
import { createPipeline } from "./consumer-pipeline.ts";
import type { ConsumerDeps, ConsumerRun } from "./consumer-run.ts";
import { toDelivery, toWholeDelivery } from "./delivery.ts";
import type { Delivery } from "./delivery.ts";
import { messagesAhead } from "./fetch-ahead.ts";
import { pullMessages } from "./pull-messages.ts";
import type { Pulling } from "./pull-messages.ts";
import { readAgain } from "./read-again.ts";
import { watchForLoss } from "./watch-for-loss.ts";
import { watchLag } from "./watch-lag.ts";
import { createWitnesses } from "./witnesses.ts";

export type RunningConsumer = {
  /** Takes nothing new, finishes what is in hand, and sends the acknowledgements. */
  stop: () => Promise<void>;
};

/**
 * The one loop behind every worker: pulls messages, gathers their events into batches, runs the handler, and settles
 * every message by its events' outcomes. Survives restarts of the broker and the deletion of stream or consumer.
 */
export const runConsumer = <Event>(deps: ConsumerDeps, run: ConsumerRun<Event>): RunningConsumer => {
  const { broker, logger, metrics } = deps;
  const { stream, name } = run.consumer;
  const stopping = new AbortController();
  const pipeline = createPipeline(deps, run, stopping.signal);
  const read = run.takes === "messages" ? toWholeDelivery : toDelivery;
  const witnesses = createWitnesses();
  const pull = async (consumer: Consumer, take: (message: JsMsg) => Delivery): Promise<Pulling> =>
    pullMessages(pipeline.entrance, consumer, await messagesAhead(broker.jsm, stream), take);

  let pulling: Pulling | undefined;
  const consumeOnce = async (): Promise<void> => {
    await run.ensure();
    pulling = await pull(await broker.js.consumers.get(stream, name), (message) => {
      const delivery = read(message);
      witnesses.delivered(delivery);
      return delivery;
    });
    if (stopping.signal.aborted) pulling.stop();
    await pulling.ended;
  };
  const consumeForEver = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await consumeOnce();
      } catch (error) {
        logger.warn({ err: error, consumer: name }, "consuming interrupted: starting again");
      }
      await sleep(100 + Math.random() * 400, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  let readingAgain: Promise<void> | undefined;
  const readOnceMore = (): Promise<void> => {
    readingAgain = readAgain(broker, run.consumer, (consumer) => pull(consumer, read), stopping.signal);
    return readingAgain;
  };

  const consuming = consumeForEver();
  const stopWatching = [
    watchLag(broker, run.consumer, metrics),
    watchForLoss({ broker, consumer: run.consumer, witnesses, readAgain: readOnceMore, logger }),
    witnesses.stop,
  ];
  return {
    stop: async () => {
      for (const stop of stopWatching) stop();
      stopping.abort(new Error("stopping"));
      pulling?.stop();
      await Promise.allSettled([consuming, readingAgain]);
      await pipeline.finish();
      if (broker.connected()) await broker.nc.flush();
    },
  };
};
