// The one entry of every npm script. Plain JavaScript that Node 20 runs: it installs the packages when they
// are missing or stale, finds the Node the lock file pins, and hands the task over to it.
import { delimiter, dirname, join } from "node:path";
import { helpFor, refuseArguments } from "./boot/help.js";
import { installPackages } from "./boot/packages.js";
import { findPinnedNode } from "./boot/pinned-node.js";
import { ROOT } from "./boot/root.js";
import { run } from "./boot/run.js";
import { stackEnvironment } from "./boot/stack-environment.js";
import { TASKS } from "./boot/tasks.js";

const boot = async ([name = "start", ...args]) => {
  const task = TASKS[name];
  if (!task) throw new Error(`unknown task ${name}; there are ${Object.keys(TASKS).join(", ")}`);
  const help = helpFor(name, args);
  if (help !== undefined) {
    console.log(help);
    return 0;
  }
  refuseArguments(name, args);
  await installPackages();
  const node = await findPinnedNode();
  const path = [dirname(node), join(ROOT, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
  const env = {
    // Fifteen processes that compile the same files at every start: kept code saves a third of the work.
    NODE_COMPILE_CACHE: join(ROOT, "node_modules", ".cache", "node"),
    ...process.env,
    ...(task.usesStack && stackEnvironment()),
    PATH: path,
  };
  for (const [index, step] of task.steps.entries()) {
    const last = index === task.steps.length - 1;
    const code = await run(node, [...step, ...(last ? args : [])], {
      env,
      cwd: ROOT,
      ipc: task.endsWithUs ?? false,
    });
    if (code !== 0) return code;
  }
  return 0;
};

try {
  process.exitCode = await boot(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
