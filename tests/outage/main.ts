import { messageOf } from "../../platform/errors/message-of.ts";
import { sweepAbandoned } from "../harness/temporary-folder.ts";
import { describeReport, isWell } from "./describe.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { runOutage } from "./run.ts";

const EXIT = { well: 0, broken: 1, wrongOptions: 2 };

const readOptions = (): Options | undefined => {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (!options) console.log(HELP);
    return options;
  } catch (error) {
    console.error(`${messageOf(error)}\nSee npm run outage -- --help`);
    process.exitCode = EXIT.wrongOptions;
    return undefined;
  }
};

const options = readOptions();
if (options) {
  sweepAbandoned();
  const report = await runOutage(options, console.log);
  console.log(`\n${describeReport(report)}`);
  process.exitCode = isWell(report) ? EXIT.well : EXIT.broken;
}
