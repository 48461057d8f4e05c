// What scripts without options of their own, and `npm start`, say of themselves. The others answer --help themselves.
const START = `npm start [-- options]

Starts the whole platform on this machine and keeps it running until Ctrl-C. Installs what is missing.

  --fresh      begin with empty data
  --cluster    three brokers that keep three copies of every event
  --help       this text

ECS_PORT (9999) is the public port, ECS_HOME (.ecs) the folder of everything it keeps; .env.example has the rest.`;

const VERIFY = `npm run verify

Types, lint, format, and that docs/openapi.json matches the code. Changes nothing.`;

const MIGRATE = `npm run migrate

Brings tables, streams and consumers up to date, as every npm start does by itself.
DATABASE_URL and NATS_URL are those of the stack that runs here, if not given.`;

const OPENAPI = `npm run openapi

Writes docs/openapi.json anew from the route definitions.`;

const HELP = { start: START, verify: VERIFY, migrate: MIGRATE, openapi: OPENAPI };
const WITHOUT_OPTIONS = new Set(["verify", "migrate", "openapi"]);

/** The text to show instead of doing the task, undefined where it is to be done. */
export const helpFor = (name, args) =>
  args.some((arg) => arg === "--help" || arg === "-h") ? HELP[name] : undefined;

/** @throws Error where arguments are given to what takes none: whoever gave them expects something else */
export const refuseArguments = (name, args) => {
  if (args.length === 0 || !WITHOUT_OPTIONS.has(name)) return;
  throw new Error(`npm run ${name} takes no options, and was given ${args.join(" ")}; nothing was done`);
};
