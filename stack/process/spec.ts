import type { Account } from "./account.ts";

/** A program that can be started, asked whether it answers, and stopped. */
export type ProcessSpec = {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Whom to run as; absent means as we are. */
  readonly account?: Account | undefined;
  /** Where stdout and stderr go, appended. */
  readonly logFile: string;
  /** What asks it to finish in order. */
  readonly stopSignal: NodeJS.Signals;
  /** Time it has to answer after the start, in ms. */
  readonly startWithinMs: number;
  /** Time it has to finish after the stop signal, in ms. */
  readonly stopWithinMs: number;
  /** Resolves when it answers; rejects with what is wrong so far. */
  readonly ready: () => Promise<void>;
  /** Puts right what a killed predecessor left behind. */
  readonly beforeStart?: () => Promise<void>;
  /** True when an early exit with this output is worth another try at once. */
  readonly passing?: (output: string) => boolean;
};

/** A specification of a server, which also says where clients find it. */
export type ServerSpec = ProcessSpec & { readonly url: string; readonly port: number };
