import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "./root.js";

const FOLDER = join(ROOT, ".ecs");
const LOCK = join(FOLDER, "install.lock");
const POLL_MS = 200;

/** Runs the work while no other process of this clone installs packages. */
export const withInstallLock = async (work) => {
  mkdirSync(FOLDER, { recursive: true, mode: 0o711 });
  let said = false;
  while (!take()) {
    if (!said) console.log("Another process is installing the packages; waiting for it…");
    said = true;
    await sleep(POLL_MS);
  }
  try {
    await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
};

// A link appears with its content or not at all: nobody ever reads a lock without its owner.
const take = () => {
  const mine = `${LOCK}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, LOCK);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    removeAbandoned();
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
};

const removeAbandoned = () => {
  try {
    process.kill(Number(readFileSync(LOCK, "utf8")), 0);
  } catch (error) {
    if (error.code === "ESRCH") rmSync(LOCK, { force: true });
  }
};
