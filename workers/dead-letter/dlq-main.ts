import { openApi, Refused } from "./cli/api.ts";
import { runCommand } from "./cli/commands.ts";
import { findTarget } from "./cli/find-target.ts";
import { HELP, Misuse, parseOptions } from "./cli/options.ts";

const MISUSED = 2;

/** Resolves with the exit code. */
const main = async (args: readonly string[]): Promise<number> => {
  try {
    const options = parseOptions(args);
    if (!options) return say(HELP);
    const api = await openApi(await findTarget(options.values, process.env));
    const { json } = options.values;
    await runCommand(api, options, {
      answer: (answer, text) => void say(json ? JSON.stringify(answer, null, 2) : text),
      say: (text) => void process.stderr.write(`${text}\n`),
    });
    return 0;
  } catch (error) {
    if (!(error instanceof Misuse) && !(error instanceof Refused)) throw error;
    process.stderr.write(`${error.message}\n`);
    if (error instanceof Refused) return 1;
    process.stderr.write("See npm run dlq -- --help\n");
    return MISUSED;
  }
};

const say = (text: string): number => {
  process.stdout.write(`${text}\n`);
  return 0;
};

process.exitCode = await main(process.argv.slice(2));
