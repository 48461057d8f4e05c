import { banner } from "./banner.ts";
import { readConfig } from "./config.ts";
import { explain } from "./explain.ts";
import { onStopRequest } from "./signals.ts";
import { startStack } from "./start.ts";

const main = async (): Promise<void> => {
  const config = readConfig(process.argv.slice(2));
  const begin = performance.now();
  const stack = startStack(config, console.log);
  let stopping = false;
  onStopRequest({
    stop: async (reason) => {
      stopping = true;
      console.log(`\n${reason}: draining and stopping…`);
      await stack.stop();
      console.log("Stopped.");
      process.exit(0);
    },
    force: () => {
      console.log("Asked again: killing everything.");
      stack.kill();
      process.exit(1);
    },
  });
  try {
    const file = await stack.ready;
    console.log(banner(file, config.ECS_HOME));
    console.log(`(${((performance.now() - begin) / 1000).toFixed(1)} s from the start)`);
  } catch (error) {
    if (stopping) return;
    throw error;
  }
};

try {
  await main();
} catch (error) {
  console.error(`\nCannot start: ${explain(error)}`);
  process.exit(1);
}
