import { setTimeout as sleep } from "node:timers/promises";
import { killProcess } from "../../harness/kill-process.ts";
import { until } from "../../harness/until.ts";
import type { Arena, LinkedServer } from "../arena.ts";
import type { Action, Strike } from "../plan/plan.ts";
import { leaderOf } from "./leader.ts";
import { signalFamily } from "./processes.ts";

type Victim = { readonly name: string; readonly pid: number };

const BACK_WITHIN_MS = 60_000;

/** Does one strike; resolves with whom it hit once it is undone: the process is there again, the link is open. */
export const strike = async (arena: Arena, { action, target, forMs }: Strike): Promise<string[]> => {
  if (target.kind === "server") {
    const found = arena.servers.get(target.name);
    if (!found) throw new Error(`there is no ${target.name} behind a link`);
    await strikeServer(found, action, forMs);
    return [target.name];
  }
  const { stack } = arena;
  const name = target.kind === "process" ? target.name : await findLeader(stack, target.stream);
  const victims = stack
    .file()
    .processes.filter((found) => found.name === name || isReplica(found.name, name));
  if (victims.length === 0) throw new Error(`no process is called ${name}`);
  await Promise.all(victims.map((victim) => strikeProcess(arena, victim, action, forMs)));
  return victims.map((victim) => victim.name);
};

// While one is being elected nobody can say.
const findLeader = (stack: Arena["stack"], stream: string): Promise<string> =>
  until(() => leaderOf(stack.file(), stream), { within: BACK_WITHIN_MS, what: `a leader of ${stream}` });

const isReplica = (replica: string, name: string): boolean => replica.replace(/-\d+$/, "") === name;

const strikeProcess = async (
  { stack }: Arena,
  { name, pid }: Victim,
  action: Action,
  forMs: number,
): Promise<void> => {
  if (action === "pause") return pause(pid, forMs);
  killProcess(pid, action === "kill" ? "SIGKILL" : "SIGTERM");
  const back = await until(
    () => stack.file().processes.find((found) => found.name === name && found.pid !== pid),
    { within: BACK_WITHIN_MS, what: `another process for ${name}` },
  );
  await until(() => !back.url?.startsWith("http") || answers(back.url), {
    within: BACK_WITHIN_MS,
    what: `an answer of ${name}`,
  });
};

const answers = async (url: string): Promise<boolean> => {
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) });
  await response.text();
  return response.ok;
};

const strikeServer = async ({ server, link }: LinkedServer, action: Action, forMs: number): Promise<void> => {
  switch (action) {
    case "pause":
      return pause(server.pid, forMs);
    case "kill":
    case "restart":
      await (action === "kill" ? server.kill("SIGKILL") : server.stop());
      await sleep(forMs);
      return server.restart();
    case "cut":
      return whileLinkIs(link, "cut", forMs);
    case "slow":
      return whileLinkIs(link, "slow", forMs);
    case "silence":
      return whileLinkIs(link, "silent", forMs);
  }
};

const whileLinkIs = async (
  link: LinkedServer["link"],
  state: "cut" | "slow" | "silent",
  forMs: number,
): Promise<void> => {
  link.set(state);
  await sleep(forMs);
  link.set("open");
};

const pause = async (pid: number, forMs: number): Promise<void> => {
  signalFamily(pid, "SIGSTOP");
  try {
    await sleep(forMs);
  } finally {
    signalFamily(pid, "SIGCONT");
  }
};
