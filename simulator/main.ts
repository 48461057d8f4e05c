import { readConfig } from "./config.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { simulate } from "./simulate.ts";

const BROKEN = 1;
const WRONG_OPTIONS = 2;

const complain = (error: unknown): void => console.error(error instanceof Error ? error.message : error);

const readOptions = (): Options | "help" | "wrong" => {
  try {
    return parseOptions(process.argv.slice(2)) ?? "help";
  } catch (error) {
    complain(error);
    console.error("See npm run simulate -- --help");
    return "wrong";
  }
};

const options = readOptions();
if (options === "help") {
  console.log(HELP);
} else if (options === "wrong") {
  process.exitCode = WRONG_OPTIONS;
} else {
  try {
    process.exitCode = await simulate(options, readConfig().home);
  } catch (error) {
    complain(error);
    process.exitCode = BROKEN;
  }
}
