import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writePrivateJson } from "./write-file.ts";

const NAMES = [
  "jwtSecret",
  "internalKey",
  "gatewayKey",
  "mlAdminKey",
  "ledgerChainKey",
  "databasePassword",
  "natsToken",
  "natsMemberToken",
  "redisPassword",
  "demoPassword",
  "operatorPassword",
] as const;

export type Secrets = Readonly<Record<(typeof NAMES)[number], string>>;

/** The secrets of a stack: made once, then kept, for the data was written under them. */
export const openSecrets = (file: string): Secrets => {
  const kept = readKept(file);
  const missing = NAMES.filter((name) => !kept[name]);
  const secrets = {
    ...kept,
    ...Object.fromEntries(missing.map((name) => [name, generate(name)])),
  } as Secrets;
  if (missing.length > 0) writePrivateJson(file, secrets);
  return secrets;
};

// A person types the passwords of accounts, or reads them to somebody.
const generate = (name: (typeof NAMES)[number]): string =>
  randomBytes(name === "demoPassword" || name === "operatorPassword" ? 8 : 32).toString("hex");

const readKept = (file: string): Partial<Secrets> => {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Partial<Secrets>;
  } catch (error) {
    throw new Error(`${file} cannot be read; restore it, or begin with empty data: npm start -- --fresh`, {
      cause: error,
    });
  }
};
