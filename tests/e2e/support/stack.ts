import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import type { Secrets } from "../../../stack/home/secrets.ts";
import type { StackFile } from "../../../stack/stack-file.ts";

const readJson = (name: string): unknown => JSON.parse(readFileSync(join(inject("stackHome"), name), "utf8"));

/** The stack of the run, as its `stack.json` says now. */
export const stack = (): StackFile => readJson("stack.json") as StackFile;

/** What the processes of the stack share and nobody else knows. */
export const secrets = (): Secrets => readJson("secrets.json") as Secrets;

/** The replicas of a process, by its name without the number. */
export const replicasOf = (name: string): { name: string; pid: number; url: string }[] =>
  stack().processes.flatMap(({ name: replica, pid, url }) =>
    url !== undefined && replica.replace(/-\d+$/, "") === name ? [{ name: replica, pid, url }] : [],
  );
