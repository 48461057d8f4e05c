import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { messageOf } from "../../platform/errors/message-of.ts";
import { listenForInterrupts } from "../../simulator/interrupts.ts";
import { inRoot } from "../../stack/root.ts";
import { sweepAbandoned } from "../harness/temporary-folder.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { describeReport } from "./report/describe.ts";
import { isWell } from "./report/report.ts";
import { runChaos } from "./run.ts";

const EXIT = { well: 0, broken: 1, wrongOptions: 2, interrupted: 130 };

const readOptions = (): Options | undefined => {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (!options) console.log(HELP);
    return options;
  } catch (error) {
    console.error(`${messageOf(error)}\nSee npm run chaos -- --help`);
    process.exitCode = EXIT.wrongOptions;
    return undefined;
  }
};

const main = async (options: Options): Promise<number> => {
  sweepAbandoned();
  const { first: stopping } = listenForInterrupts(process, performance.now.bind(performance));
  try {
    const report = await runChaos(options, { say: console.log, stopping });
    const file = options.report ? resolve(options.report) : inRoot(`.ecs/chaos-${options.seed}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);
    console.log(`\n${describeReport(report)}\nThe report is in ${file}`);
    return isWell(report) ? EXIT.well : EXIT.broken;
  } catch (error) {
    if (stopping.aborted) return EXIT.interrupted;
    console.error(error);
    return EXIT.broken;
  }
};

const options = readOptions();
if (options) process.exitCode = await main(options);
