import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { codeOf } from "../platform/errors/code-of.ts";
import { messageOf } from "../platform/errors/message-of.ts";

export type Target = { readonly baseUrl: string; readonly databaseUrl: string };

const stackFile = z.object({ baseUrl: z.url(), databaseUrl: z.url() });

/**
 * The stack to play against: what the options say, else the one that runs here.
 * @param home the folder in which `npm start` keeps `stack.json`
 * @throws Error telling what to do when there is none
 */
export const findStack = (
  home: string,
  options: Partial<{ [Key in keyof Target]: Target[Key] | undefined }>,
): Target => {
  const { baseUrl, databaseUrl } = options;
  if (baseUrl !== undefined && databaseUrl !== undefined) return { baseUrl, databaseUrl };
  const running = readStackFile(home);
  if (baseUrl !== undefined && new URL(baseUrl).origin !== originOf(running))
    throw new Error(
      "--base-url is not the stack that runs here: give its --database-url too, so that what it acknowledges can be checked",
    );
  if (!running) throw new Error(`no stack is running in ${home}: start one with npm start`);
  return { baseUrl: running.baseUrl, databaseUrl: databaseUrl ?? running.databaseUrl };
};

const originOf = (stack: Target | undefined): string | undefined => stack && new URL(stack.baseUrl).origin;

const readStackFile = (home: string): Target | undefined => {
  const file = join(home, "stack.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw new Error(`${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const parsed = stackFile.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`${file} is not what npm start writes: start the stack again`);
  return parsed.data;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
