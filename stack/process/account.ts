import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** An operating system account that a child runs as. */
export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The account for programs that refuse to run as root: `postgres` where its package made one, else `nobody`.
 * Undefined when we are not root, and children simply run as we do.
 */
export const unprivilegedAccount = (): Account | undefined => {
  if (!isRoot()) return undefined;
  const account = findAccount(["postgres", "nobody"]);
  if (account) return account;
  throw new Error(
    "PostgreSQL refuses to run as root, and this machine has neither the account postgres nor nobody",
  );
};

/** The first of these accounts that the machine has. */
export const findAccount = (names: readonly string[]): Account | undefined => {
  const accounts = readFileSync("/etc/passwd", "utf8").split("\n").map(parseEntry);
  return names.flatMap((name) => accounts.find((entry) => entry?.name === name) ?? [])[0];
};

const parseEntry = (line: string): Account | undefined => {
  const [name, , uid, gid] = line.split(":");
  return name && uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : undefined;
};

/** True when the account may enter the folder. */
export const canReach = (folder: string, account: Account | undefined): boolean => {
  if (!account) return true;
  const options = { cwd: "/", uid: account.uid, gid: account.gid, stdio: "ignore" } as const;
  return spawnSync("/bin/sh", ["-c", 'cd "$1"', "sh", folder], options).status === 0;
};
