import { runProcess } from "../lifecycle/run-process.ts";
import { createLogger } from "./logger.ts";

// A process that logs all the time, and says over the channel to its parent that it goes on.
const logger = createLogger({ PROCESS_NAME: "fixture", LOG_LEVEL: "info" });

await runProcess(logger, async (onStop) => {
  const ticking = setInterval(() => {
    logger.info("tick");
    process.send?.("tick");
  }, 20);
  onStop("ticking", () => clearInterval(ticking));
});
