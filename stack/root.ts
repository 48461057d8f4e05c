import { join, resolve } from "node:path";

/** The folder of the package. */
export const ROOT = resolve(import.meta.dirname, "..");

/** An absolute path of something in the package. */
export const inRoot = (...parts: string[]): string => join(ROOT, ...parts);
