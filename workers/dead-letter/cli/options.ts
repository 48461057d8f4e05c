import { parseArgs } from "node:util";
import { messageOf } from "../../../platform/errors/message-of.ts";

export const HELP = `npm run dlq -- <command> [options]

  list                     dead letters, newest first; open ones unless --status says otherwise
  list --group             how many by stream, consumer and error
  show <id>                payload, headers, and what was done to it
  edit <id> --payload JSON replaces what a replay publishes (--file PATH, or --file - for standard input)
  replay <id>              publishes it again; --dry-run says what would happen
  replay --all             every open letter, or those that the filters below match, in the background
  replay --list            such replays, newest first; --status running|finished|cancelled
  replay --progress <id>   how far one has come; --cancel <id> ends it
  discard <id> --reason R  settles it without a replay

which:     --stream S  --consumer C  --error-class E  --user ID  --from TIME  --to TIME  --status open|replayed|discarded|all
pages:     --limit N (20)  --cursor C
replays:   --rate N a second (10)  --max N letters (1000)
why:       --reason R, kept with what you do
where:     --base-url URL  --email E  --password-stdin   (the stack that runs here, as its operator)
output:    --json

Exit code: 0 done; 1 refused or failed; 2 wrong options.`;

const OPTIONS = {
  group: { type: "boolean" },
  stream: { type: "string" },
  consumer: { type: "string" },
  "error-class": { type: "string" },
  user: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  status: { type: "string" },
  limit: { type: "string" },
  cursor: { type: "string" },
  payload: { type: "string" },
  file: { type: "string" },
  reason: { type: "string" },
  all: { type: "boolean" },
  "dry-run": { type: "boolean" },
  list: { type: "boolean" },
  progress: { type: "string" },
  cancel: { type: "string" },
  rate: { type: "string" },
  max: { type: "string" },
  "base-url": { type: "string" },
  email: { type: "string" },
  "password-stdin": { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

const COMMANDS = ["list", "show", "edit", "replay", "discard"] as const;

const parse = (args: readonly string[]) =>
  parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });

export type Values = ReturnType<typeof parse>["values"];
export type Options = { command: (typeof COMMANDS)[number]; id: string | undefined; values: Values };

/** The command line is wrong; the message says how. */
export class Misuse extends Error {}

/** @returns undefined when help is asked for @throws Misuse */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const { values, positionals } = parseOrComplain(args);
  if (values.help) return undefined;
  const [name, id, ...rest] = positionals;
  const command = COMMANDS.find((known) => known === name);
  if (!command) throw new Misuse(name === undefined ? "what to do?" : `there is no command ${name}`);
  if (rest.length > 0) throw new Misuse(`one letter at a time: ${rest.join(" ")} is too much`);
  const needsId = command === "show" || command === "edit" || command === "discard";
  if (needsId && id === undefined) throw new Misuse(`${command} needs the id of a dead letter`);
  if (command === "list" && id !== undefined) throw new Misuse("list takes no id: use show");
  if (command === "discard" && values.reason === undefined) throw new Misuse("discard needs a --reason");
  return { command, id, values };
};

const parseOrComplain = (args: readonly string[]): ReturnType<typeof parse> => {
  try {
    return parse(args);
  } catch (error) {
    throw new Misuse(messageOf(error));
  }
};

export const wholeNumber = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Misuse(`${name} must be a whole number, not ${JSON.stringify(text)}`);
};

/** The filter that the options name, as the API has it. */
export const filterOf = (values: Values) => ({
  ...(values.stream !== undefined && { stream: values.stream }),
  ...(values.consumer !== undefined && { consumer: values.consumer }),
  ...(values["error-class"] !== undefined && { errorClass: values["error-class"] }),
  ...(values.user !== undefined && { userId: values.user }),
  ...(values.from !== undefined && { from: values.from }),
  ...(values.to !== undefined && { to: values.to }),
});
