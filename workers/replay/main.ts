import { parseConfig } from "../../platform/config/parse-config.ts";
import { messageOf } from "../../platform/errors/message-of.ts";
import { configSchema } from "./config.ts";
import { HELP, parseOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { runReplay } from "./run.ts";

const FAILED = 1;
const WRONG_OPTIONS = 2;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const complain = (error: unknown): void => void process.stderr.write(`${messageOf(error)}\n`);

const readOptions = (): Options | "help" | "wrong" => {
  try {
    return parseOptions(process.argv.slice(2), new Date()) ?? "help";
  } catch (error) {
    complain(error);
    complain("See npm run replay -- --help");
    return "wrong";
  }
};

const main = async (): Promise<number> => {
  const options = readOptions();
  if (options === "wrong") return WRONG_OPTIONS;
  if (options === "help") {
    say(HELP);
    return 0;
  }
  const ended = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => ended.abort());
  return runReplay(options, { ...parseConfig(configSchema), say, signal: ended.signal });
};

const code = await main().catch((error: unknown) => {
  complain(error);
  return FAILED;
});
// A connection that is still being tried would keep the process alive.
process.stdout.write("", () => process.exit(code));
