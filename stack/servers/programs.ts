import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The servers that the system stands on. */
export type ServerName = "postgres" | "nats" | "redis" | "nginx";

export type Package = { readonly program: string; readonly apt: string; readonly brew: string };

export const PACKAGES: Readonly<Record<ServerName, Package>> = {
  postgres: { program: "postgres", apt: "postgresql", brew: "postgresql@17" },
  nats: { program: "nats-server", apt: "nats-server", brew: "nats-server" },
  redis: { program: "redis-server", apt: "redis-server", brew: "redis" },
  nginx: { program: "nginx", apt: "nginx", brew: "nginx" },
};

// A user's PATH on Debian leaves out the sbin folders, where its servers are.
const USUAL_FOLDERS = [
  "/usr/sbin",
  "/usr/local/sbin",
  "/sbin",
  "/usr/local/bin",
  "/usr/bin",
  "/opt/homebrew/bin",
];
const OLDEST_POSTGRES = 15;

/** The full path of a server's program, or undefined when this machine has none. */
export const findServer = (name: ServerName): string | undefined => {
  if (name !== "postgres") return findProgram(PACKAGES[name].program);
  const folder = findPostgresFolder();
  return folder && join(folder, "postgres");
};

/** The folder of PostgreSQL's programs: the given major if it is there, else the newest that is new enough. */
export const findPostgresFolder = (preferredMajor?: number): string | undefined => {
  const installed = postgresFolders();
  const preferred = installed.find(({ major }) => major === preferredMajor) ?? installed[0];
  if (preferred) return preferred.folder;
  const onPath = findProgram("postgres");
  return onPath?.slice(0, -"/postgres".length);
};

const postgresFolders = (): { major: number; folder: string }[] => {
  const debian = numbered("/usr/lib/postgresql", /^(\d+)$/);
  const brew = ["/opt/homebrew/opt", "/usr/local/opt"].flatMap((root) =>
    numbered(root, /^postgresql@(\d+)$/),
  );
  return [...debian, ...brew]
    .filter(({ major, folder }) => major >= OLDEST_POSTGRES && isProgram(join(folder, "initdb")))
    .toSorted((a, b) => b.major - a.major);
};

const numbered = (root: string, pattern: RegExp): { major: number; folder: string }[] =>
  list(root).flatMap((name) => {
    const major = pattern.exec(name)?.[1];
    return major ? [{ major: Number(major), folder: join(root, name, "bin") }] : [];
  });

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

const findProgram = (program: string): string | undefined => {
  const onPath = (process.env["PATH"] ?? "").split(delimiter).filter(Boolean);
  return [...onPath, ...USUAL_FOLDERS].map((folder) => join(folder, program)).find(isProgram);
};

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};
