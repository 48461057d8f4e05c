import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "./root.js";
import { run } from "./run.js";

const MAJOR = 24;
const HOMEBREW = ["/opt/homebrew/opt/node@24/bin/node", "/usr/local/opt/node@24/bin/node"];

/** The Node that runs the system: the one in the lock file, or on other machines an installed one of its major. */
export const findPinnedNode = async () => {
  const found = find();
  if (found) return found;
  if (process.platform === "darwin" && (await brewNode()) === 0) return find() ?? refuse();
  return refuse();
};

const find = () =>
  [...packaged(), ...HOMEBREW, process.execPath, ...onPath()].find((node) => majorOf(node) === MAJOR);

const packaged = () => {
  const node = join(ROOT, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  return existsSync(node) ? [node] : [];
};

const onPath = () => (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "node"));

const majorOf = (node) => {
  // The package says its version; the others must be asked.
  const manifest = join(node, "..", "..", "package.json");
  if (node.startsWith(ROOT)) return Number.parseInt(JSON.parse(readFileSync(manifest, "utf8")).version, 10);
  if (node === process.execPath) return Number.parseInt(process.versions.node, 10);
  if (!existsSync(node)) return undefined;
  try {
    return Number.parseInt(execFileSync(node, ["--version"], { encoding: "utf8" }).slice(1), 10);
  } catch {
    return undefined;
  }
};

const brewNode = () => {
  console.log(`Installing Node ${MAJOR} with Homebrew…`);
  return run("brew", ["install", `node@${MAJOR}`], { env: process.env, cwd: ROOT }).catch(() => 1);
};

const refuse = () => {
  const how = process.platform === "darwin" ? `brew install node@${MAJOR}` : `https://nodejs.org/en/download`;
  throw new Error(
    `Node ${MAJOR} is needed, and none was found for ${process.platform}-${process.arch}: ${how}`,
  );
};
