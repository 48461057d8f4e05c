import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

type Answer = { readonly id: number; readonly error?: string };

/** A child process that answers each message we send it, by the id it carries. */
export type Conversation<Ask, Reply extends Answer> = {
  readonly pid: number;
  /** @throws Error with what the child says is wrong, or when it ends before it answers */
  readonly ask: (message: Ask) => Promise<Reply>;
  /** Ends the conversation; the child then ends by itself. */
  readonly close: () => Promise<void>;
};

export const converse = <Ask extends object, Reply extends Answer>(
  entry: string,
  options: { args?: string[]; withinMs: number },
): Conversation<Ask, Reply> => {
  const child = fork(entry, options.args ?? [], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const waiting = new Map<number, PromiseWithResolvers<Reply>>();
  let nextId = 1;
  child.on("message", (reply: Reply) => {
    const waiter = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error === undefined) waiter?.resolve(reply);
    else waiter?.reject(new Error(reply.error));
  });
  child.once("exit", () => {
    for (const waiter of waiting.values()) waiter.reject(new Error(`${entry} ended before it answered`));
  });
  return {
    pid: child.pid ?? 0,
    ask: async (message) => {
      const id = nextId++;
      const waiter = Promise.withResolvers<Reply>();
      waiting.set(id, waiter);
      const late = setTimeout(
        () => waiter.reject(new Error(`${entry} did not answer within ${options.withinMs / 1_000} s`)),
        options.withinMs,
      );
      child.send({ ...message, id });
      return waiter.promise.finally(() => clearTimeout(late));
    },
    close: () => end(child),
  };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  if (child.connected) child.disconnect();
  await exited;
};
