import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { Misuse } from "./options.ts";
import type { Values } from "./options.ts";

export type Target = { baseUrl: string; email: string; password: string };

const stackFile = z.object({
  baseUrl: z.url(),
  operator: z.object({ email: z.string(), password: z.string() }),
});

/**
 * Where the API is, and who asks: what the options say, else the stack that runs here and its operator.
 * @throws Misuse telling what is missing
 */
export const findTarget = async (
  values: Pick<Values, "base-url" | "email" | "password-stdin">,
  env: NodeJS.ProcessEnv,
): Promise<Target> => {
  const running = readStack(join(env["ECS_HOME"] || ".ecs", "stack.json"));
  const baseUrl = values["base-url"] ?? running?.baseUrl;
  if (baseUrl === undefined) throw new Misuse("no stack is running here: npm start, or give --base-url");
  if (!URL.canParse(baseUrl)) throw new Misuse("--base-url must be a URL such as http://127.0.0.1:9999");
  if (values.email !== undefined) {
    if (!values["password-stdin"]) throw new Misuse("--email needs --password-stdin");
    return { baseUrl, email: values.email, password: (await text(process.stdin)).replace(/\r?\n$/, "") };
  }
  // The operator of the stack here is nobody elsewhere, and its password none of their business.
  if (!running || new URL(running.baseUrl).origin !== new URL(baseUrl).origin)
    throw new Misuse("--base-url is not the stack that runs here: give --email and --password-stdin too");
  return { baseUrl, ...running.operator };
};

const readStack = (file: string): z.output<typeof stackFile> | undefined => {
  try {
    return stackFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
};
