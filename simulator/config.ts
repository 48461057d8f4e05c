import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { parseConfig } from "../platform/config/parse-config.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const schema = z.object({
  /** Where the stack keeps what it writes, `stack.json` among it. */
  ECS_HOME: z.string().min(1).default(".ecs"),
});

export const readConfig = (env?: NodeJS.ProcessEnv): { readonly home: string } => ({
  home: resolve(ROOT, parseConfig(schema, env).ECS_HOME),
});
