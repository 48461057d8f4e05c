import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { registration } from "../contracts/http/auth.ts";
import { closeDatabase, connectDatabase } from "../platform/database/connect.ts";
import { AppError } from "../platform/errors/app-error.ts";
import { fieldErrors } from "../platform/errors/field-errors.ts";
import { uuidv7 } from "uuidv7";
import { createLogger } from "../platform/observability/logger.ts";
import { messageOf } from "../platform/errors/message-of.ts";
import { createRegisterUser } from "./actions/register-user.ts";
import { createPasswords } from "./passwords/passwords.ts";

const USAGE = `npm run operator -- create --email <email> [--password-stdin]

Makes an operator account. Without --password-stdin a password is generated and shown once.
The database is DATABASE_URL's, else that of the running "npm start".
`;
const TAKEN = 3;
const MISUSED = 2;

/** Makes an operator account. Resolves with the exit code: 0 made, 1 failed, 2 misused, 3 the email is taken. */
const main = async (args: string[]): Promise<number> => {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const options = parseOptions(args);
  if (!options) return complain(USAGE, MISUSED);
  const generated = options.passwordFromStdin ? undefined : randomBytes(18).toString("base64url");
  const password = generated ?? (await text(process.stdin)).replace(/\r?\n$/, "");
  const account = registration.safeParse({ email: options.email, password });
  if (!account.success) {
    const complaints = fieldErrors(account.error).map(
      ({ pointer, detail }) => `${pointer.slice(1)} ${detail}`,
    );
    return complain(`${complaints.join("\n")}\n`, MISUSED);
  }
  // `npm run operator` gives that of the stack that runs here, if there is none.
  const url = process.env["DATABASE_URL"];
  if (!url) return complain("No database: set DATABASE_URL, or run npm start in this folder first.\n", 1);

  const logger = createLogger({ PROCESS_NAME: "operator", LOG_LEVEL: "silent" });
  const sql = connectDatabase({ url, name: "operator", max: 1 }, logger);
  try {
    const registerUser = createRegisterUser({ sql, passwords: await createPasswords(), newId: uuidv7 });
    const { id, email } = await registerUser({ ...account.data, role: "operator" });
    process.stdout.write(`Made the operator ${email} (${id}).\n`);
    if (generated !== undefined) process.stdout.write(`Password, shown only now: ${generated}\n`);
    return 0;
  } catch (error) {
    if (error instanceof AppError && error.code === "email_taken")
      return complain(`${account.data.email} is registered already; nothing was changed.\n`, TAKEN);
    return complain(`The operator could not be made: ${messageOf(error)}\n`, 1);
  } finally {
    await closeDatabase(sql);
  }
};

const complain = (message: string, code: number): number => {
  process.stderr.write(message);
  return code;
};

const parseOptions = (args: string[]): { email: string; passwordFromStdin: boolean } | undefined => {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { email: { type: "string" }, "password-stdin": { type: "boolean", default: false } },
    });
    if (positionals.length !== 1 || positionals[0] !== "create" || values.email === undefined)
      return undefined;
    return { email: values.email, passwordFromStdin: values["password-stdin"] };
  } catch {
    return undefined;
  }
};

process.exitCode = await main(process.argv.slice(2));
