import { createHash } from "node:crypto";
import { chownSync, mkdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../platform/errors/message-of.ts";
import { MEMBERS } from "../servers/nats-cluster.ts";
import { canReach, isRoot, unprivilegedAccount } from "../process/account.ts";

/** The folders and files of one stack. */
export type Home = {
  readonly folder: string;
  /** Where the servers keep their data: the same folder, unless their account cannot reach it. */
  readonly data: string;
  readonly logs: string;
  readonly stackFile: string;
  readonly secretsFile: string;
  readonly stateFile: string;
};

// The database's first files and write-ahead log, and the least that the broker shares out to its streams.
const NEEDED_MB = 1000;
const DATA = ["postgres", "nats", ...MEMBERS, "redis", "nginx"];
const KEPT_BESIDE_DATA = ["logs", "secrets.json", "stack.json"];

/** Makes the folders of a stack. @throws Error when the folder cannot be made or its disk is full */
export const openHome = (folder: string, say: (line: string) => void): Home => {
  makeFolder(folder);
  const data = reachableData(folder, say);
  for (const disk of new Set([folder, data])) refuseFullDisk(disk);
  const logs = join(folder, "logs");
  makeFolder(logs);
  return {
    folder,
    data,
    logs,
    stackFile: join(folder, "stack.json"),
    secretsFile: join(folder, "secrets.json"),
    stateFile: join(folder, "supervisor.json"),
  };
};

/** Removes what a stack keeps, and nothing else that may lie in the folder. */
export const emptyHome = (home: Home): void => {
  for (const name of DATA) rmSync(join(home.data, name), { recursive: true, force: true });
  for (const name of KEPT_BESIDE_DATA) rmSync(join(home.folder, name), { recursive: true, force: true });
  makeFolder(home.logs);
};

const makeFolder = (folder: string): void => {
  try {
    // Others may pass through, as the database's account must, but not look around.
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  } catch (error) {
    throw new Error(`cannot make the folder ${folder}: ${messageOf(error)}`, { cause: error });
  }
};

const reachableData = (folder: string, say: (line: string) => void): string => {
  if (!isRoot()) return folder;
  const account = unprivilegedAccount();
  if (!account || canReach(folder, account)) return folder;
  const data = join("/var/lib/ecs", shortHash(folder));
  makeFolder(data);
  chownSync(data, account.uid, account.gid);
  say(`The account ${account.name}, which runs PostgreSQL, cannot reach ${folder}: its data is in ${data}`);
  return data;
};

const refuseFullDisk = (folder: string): void => {
  const { bavail, bsize } = statfsSync(folder);
  const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
  if (freeMb >= NEEDED_MB) return;
  throw new Error(
    `the disk of ${folder} is full: ${freeMb} MB are free and ${NEEDED_MB} MB are needed; ` +
      "make room, or choose another folder with ECS_HOME",
  );
};

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
