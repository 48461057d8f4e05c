import { HIGH_STRESS_THRESHOLD, emotionEvent } from "../../contracts/events/emotion-event.ts";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { runProcess } from "../../platform/lifecycle/run-process.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { connectWorker } from "../connect-worker.ts";
import { decodeWith } from "../decode-with.ts";
import { createIntakeCounter } from "../telemetry/intake-metrics.ts";
import { keepHouse } from "../telemetry/keep-house.ts";
import { readPlainEmotion } from "../telemetry/plain-event.ts";
import { startConsumer } from "../start-consumer.ts";
import { configSchema } from "./config.ts";
import { persistEmotions } from "./persist-emotions.ts";

const config = parseConfig(configSchema);
const logger = createLogger(config);

await runProcess(logger, async (onStop) => {
  const connections = await connectWorker(config, logger, onStop, { connections: 4 });
  const count = createIntakeCounter(connections.metrics);
  startConsumer(connections, onStop, {
    consumer: "emotionProcessing",
    decode: decodeWith(emotionEvent),
    readPlain: readPlainEmotion,
    handle: persistEmotions({ sql: connections.sql, count, highStressThreshold: HIGH_STRESS_THRESHOLD }),
    config,
  });
  keepHouse(connections, onStop, {
    table: { parent: "emotion_events", identities: "emotion_event_identities" },
    consumer: "emotionProcessing",
  });
});
