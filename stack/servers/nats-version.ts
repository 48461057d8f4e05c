import { spawnSync } from "node:child_process";

// https://github.com/nats-io/nats-server/pull/4483
const SYNC_SINCE = { major: 2, minor: 10 };
// `npm run chaos -- --cluster --only leader`: the copies of 2.9.10 came apart, those of 2.10.27 did not.
const SAME_COPIES_SINCE = { major: 2, minor: 10 };

/** What is to be said of a cluster of this server; nothing of one that keeps its copies alike. */
export const clusterWarning = (version: string): string | undefined =>
  isSince(version, SAME_COPIES_SINCE)
    ? undefined
    : `NATS is ${version}: the copies of a stream may come to differ when its leader changes, which workers notice ` +
      "and mend by reading it again; with 2.10.27 they did not (docs/operations/durability.md, Copies that differ)";

/** @throws Error when this server is too old to be told when to sync its store */
export const requireSyncSetting = (command: string): void => {
  const version = natsVersion(command);
  if (knowsSync(version)) return;
  throw new Error(
    `ECS_NATS_SYNC needs NATS 2.10 or newer, and ${command} is ${version}: ` +
      "put a newer nats-server on the PATH, run the platform with docker compose, or unset ECS_NATS_SYNC",
  );
};

/** The version that a server's program says it is, such as "2.9.10". */
export const natsVersion = (command: string): string => {
  const { stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
  return /v(\d+\.\d+\.\d+)/.exec(stdout ?? "")?.[1] ?? "of an unknown version";
};

export const knowsSync = (version: string): boolean => isSince(version, SYNC_SINCE);

const isSince = (version: string, since: { major: number; minor: number }): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > since.major || (major === since.major && minor >= since.minor);
};
