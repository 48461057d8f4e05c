import { readFileSync } from "node:fs";
import type { z } from "zod";

/**
 * Reads a process's configuration from its environment. `NAME_FILE` may name a file that holds NAME's value.
 * Every bad variable is reported at once, by name; its value is never printed, for it may be a secret.
 * @throws Error naming every variable that is missing or malformed
 */
export const parseConfig = <Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv = process.env,
): Readonly<z.output<z.ZodObject<Shape>>> => {
  const input: Record<string, string | undefined> = {};
  const complaints: string[] = [];
  for (const name of Object.keys(schema.shape)) {
    try {
      input[name] = readVariable(name, env);
    } catch {
      complaints.push(`${name}_FILE: the file cannot be read`);
    }
  }
  const result = schema.safeParse(input);
  const unreadable = new Set(complaints.map((complaint) => complaint.split("_FILE:")[0]));
  for (const issue of result.error?.issues ?? []) {
    const name = String(issue.path[0]);
    if (!unreadable.has(name))
      complaints.push(`${name}: ${input[name] === undefined ? "is required" : issue.message}`);
  }
  if (!result.success) throw new Error(`configuration: ${complaints.join("; ")}`);
  return Object.freeze(result.data);
};

// An empty variable is one that nobody set: compose files pass `NAME=` for those.
const readVariable = (name: string, env: NodeJS.ProcessEnv): string | undefined => {
  const file = env[`${name}_FILE`];
  if (file) return readFileSync(file, "utf8").trim();
  return env[name] || undefined;
};
