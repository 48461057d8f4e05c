import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withInstallLock } from "./install-lock.js";
import { ROOT } from "./root.js";

const LOCK_FILE = join(ROOT, "package-lock.json");
const INSTALLED = join(ROOT, "node_modules", ".package-lock.json");
// Development packages too, whatever NODE_ENV says: the tests and checks are ours to run.
const ARGS = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];

/** Installs what the lock file names unless it is there already. @throws Error with what npm said */
export const installPackages = async () => {
  if (!staleness()) return;
  await withInstallLock(async () => {
    const why = staleness();
    if (!why) return;
    console.log(`Installing packages (${why})…`);
    const { code, output } = await npm(ARGS);
    if (code !== 0) throw new Error(`npm ci failed:\n${output.trim()}`);
    const still = staleness();
    if (still) throw new Error(`npm ci ended well, yet ${still}; npm said:\n${output.trim()}`);
  });
};

/** Why the packages must be installed; undefined when they are as the lock file says. */
const staleness = () => {
  if (!existsSync(INSTALLED)) return "there are none yet";
  const wanted = readPackages(LOCK_FILE);
  const present = readPackages(INSTALLED);
  const changed = Object.keys(wanted).filter((path) => path && !satisfied(path, wanted[path], present[path]));
  if (changed.length === 0) return undefined;
  return `${changed.length} changed, ${changed[0].replace(/^.*node_modules\//, "")} among them`;
};

const readPackages = (file) => JSON.parse(readFileSync(file, "utf8")).packages ?? {};

const satisfied = (path, wanted, present) => {
  if (!present) return wanted.optional === true && !isForThisMachine(wanted);
  return present.version === wanted.version && existsSync(join(ROOT, path, "package.json"));
};

// One without a platform is only needed by optional packages of other platforms.
const isForThisMachine = ({ os, cpu, libc }) =>
  Boolean(os || cpu) &&
  allows(os, process.platform) &&
  allows(cpu, process.arch) &&
  (process.platform !== "linux" || allows(libc, LIBC));

// "linux", ["linux", "darwin"] or ["!win32"].
const allows = (field, value) => {
  const entries = [field ?? []].flat();
  const positive = entries.filter((entry) => !entry.startsWith("!"));
  return !entries.includes(`!${value}`) && (positive.length === 0 || positive.includes(value));
};

const LIBC = existsSync("/etc/alpine-release") ? "musl" : "glibc";

const npm = (args) =>
  new Promise((resolve, reject) => {
    // Under `npm start` this is npm's own script; otherwise the one on the PATH.
    const cli = process.env.npm_execpath;
    const [command, first] = cli?.endsWith(".js") ? [process.execPath, [cli]] : ["npm", []];
    const child = spawn(command, [...first, ...args], { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
    child.once("error", (error) =>
      reject(new Error(`npm could not be started: ${error.message}`, { cause: error })),
    );
    child.once("close", (code) => resolve({ code, output }));
  });
