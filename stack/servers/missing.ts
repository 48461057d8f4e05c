import { isRoot } from "../process/account.ts";
import { findServer, PACKAGES, type ServerName } from "./programs.ts";

export const SERVER_NAMES: readonly ServerName[] = ["postgres", "nats", "redis", "nginx"];

/** The servers whose program this machine lacks. */
export const missingServers = (names: readonly ServerName[] = SERVER_NAMES): ServerName[] =>
  names.filter((name) => !findServer(name));

/** The one command that a person types to install these servers on this machine. */
export const installCommand = (
  names: readonly ServerName[],
  platform = process.platform,
  root = isRoot(),
): string => {
  if (platform === "darwin") return `brew install ${names.map((name) => PACKAGES[name].brew).join(" ")}`;
  const packages = names.map((name) => PACKAGES[name].apt).join(" ");
  const sudo = root ? "" : "sudo ";
  return `${sudo}apt-get update && ${sudo}apt-get install --no-install-recommends -y ${packages}`;
};

/** The full path of a server's program. @throws Error with the command that installs it */
export const requireServer = (name: ServerName): string => {
  const path = findServer(name);
  if (path) return path;
  throw new Error(`${PACKAGES[name].program} is not installed; install it with: ${installCommand([name])}`);
};
