import { rmSync } from "node:fs";
import { writePrivateJson } from "./home/write-file.ts";

export type Account = { readonly email: string; readonly password: string };

/** What tools may rely on while a stack runs: `.ecs/stack.json`. */
export type StackFile = {
  readonly baseUrl: string;
  readonly docsUrl: string;
  readonly internalKey: string;
  /** For npm run ledger:verify. */
  readonly ledgerChainKey: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly redisUrl: string;
  readonly demo: Account & { readonly userId: string };
  readonly operator: Account;
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly url?: string }[];
};

export const writeStackFile = (file: string, stack: StackFile): void => writePrivateJson(file, stack);

export const removeStackFile = (file: string): void => rmSync(file, { force: true });
