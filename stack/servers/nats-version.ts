import { spawnSync } from "node:child_process";

// https://github.com/nats-io/nats-server/pull/4483
const FIRST_WITH_SYNC = { major: 2, minor: 10 };

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

export const knowsSync = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > FIRST_WITH_SYNC.major || (major === FIRST_WITH_SYNC.major && minor >= FIRST_WITH_SYNC.minor);
};
