import { fileURLToPath } from "node:url";
import { profilingOptions } from "../profile/report-profiles.ts";
import { converse } from "./conversation.ts";

/** A running server or process. */
export type Lent = {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
};

/** `url` is the database's as its owner. */
export type LentPostgres = Lent & {
  /** The same database as the server's administrator. */
  readonly administratorUrl: string;
};

type ServerKind = "nats" | "redis";

/** Starts what a bench needs, the way `npm start` does, on free ports and with data of its own. */
export type Lender = {
  readonly server: (kind: ServerKind, name?: string) => Promise<Lent>;
  readonly postgres: (name?: string) => Promise<LentPostgres>;
  /** Starts one of the project's processes and waits until it is ready; `env` is its whole configuration. */
  readonly process: (name: string, entry: string, env: Record<string, string>) => Promise<Lent>;
  /** nginx in front of these gateways. */
  readonly nginx: (name: string, gateways: readonly Lent[]) => Promise<Lent>;
  readonly giveBack: (lent: Lent) => Promise<void>;
  /** Stops everything and removes its data. */
  readonly close: () => Promise<void>;
};

type Ask =
  | { kind: ServerKind | "postgres"; name: string }
  | { kind: "process"; name: string; entry: string; env: Record<string, string> }
  | { kind: "nginx"; name: string; gateways: string[] }
  | { kind: "return"; name: string };
type Reply = { id: number; error?: string; lent?: Lent | LentPostgres };

const ENTRY = fileURLToPath(new URL("../../stack/lend-main.ts", import.meta.url));
const ANSWER_WITHIN_MS = 90_000;

/** @param profiles a folder for CPU profiles of every process, written when it ends; none without it */
export const openLender = (profiles?: string): Lender => {
  const stack = converse<Ask, Reply>(ENTRY, { withinMs: ANSWER_WITHIN_MS });
  const borrow = async (wanted: Ask): Promise<Lent | LentPostgres> => {
    const { lent } = await stack.ask(wanted);
    if (!lent) throw new Error(`nothing was lent for ${wanted.kind}`);
    return lent;
  };
  const profiled = (name: string): Record<string, string> =>
    profiles === undefined ? {} : { NODE_OPTIONS: profilingOptions(profiles, name) };
  return {
    server: (kind, name = kind) => borrow({ kind, name }),
    postgres: async (name = "postgres") => {
      const lent = await borrow({ kind: "postgres", name });
      if ("administratorUrl" in lent) return lent;
      throw new Error(`${name} was lent without its administrator's URL`);
    },
    process: (name, entry, env) =>
      borrow({ kind: "process", name, entry, env: { ...profiled(name), ...env } }),
    nginx: (name, gateways) => borrow({ kind: "nginx", name, gateways: gateways.map(({ url }) => url) }),
    giveBack: async ({ name }) => void (await stack.ask({ kind: "return", name })),
    close: stack.close,
  };
};
