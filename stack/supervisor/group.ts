import { startedAt } from "../process/identity.ts";
import type { ProcessSpec } from "../process/spec.ts";
import type { ChildRecord } from "../home/leftovers.ts";
import { type Supervised, supervise, type Watch } from "./supervised.ts";

/** What runs, in the stages that a shutdown goes through. */
export type Group<Stage extends string> = {
  /** Starts a process and keeps it running; resolves when it answers. */
  readonly start: (stage: Stage, spec: ProcessSpec) => Promise<void>;
  /** Each process that runs now, in the order of the start. */
  running(): (ChildRecord & { url: string | undefined })[];
  /** Stops one stage after the other, each side by side. */
  readonly stop: (stages: readonly Stage[]) => Promise<void>;
  /** Kills everything at once. */
  readonly kill: () => void;
};

type Member<Stage> = { readonly stage: Stage; readonly process: Supervised };

export const createGroup = <Stage extends string>(watch: Watch): Group<Stage> => {
  const members: Member<Stage>[] = [];
  let stopping = false;

  const start = async (stage: Stage, spec: ProcessSpec): Promise<void> => {
    if (stopping) throw new Error("the stack is stopping");
    const process = supervise(spec, watch);
    members.push({ stage, process });
    await process.ready;
  };

  return {
    start,
    running: () => members.flatMap(describe),
    stop: async (stages) => {
      stopping = true;
      for (const stage of stages) {
        const inStage = members.filter((member) => member.stage === stage);
        await Promise.all(inStage.map((member) => stopMember(member, watch)));
      }
    },
    kill: () => {
      for (const { process } of members) process.kill();
    },
  };
};

const stopMember = async ({ process }: Member<string>, { say }: Watch): Promise<void> => {
  const inOrder = await process.stop();
  const { name, stopWithinMs } = process.spec;
  if (!inOrder) say(`${name} did not stop within ${stopWithinMs / 1000} s and was killed`);
};

const describe = ({ process: { spec, pid } }: Member<string>): ReturnType<Group<string>["running"]> => {
  if (pid === undefined) return [];
  const url = "url" in spec ? String(spec.url) : undefined;
  return [{ name: spec.name, pid, startedAt: startedAt(pid) ?? "", stopSignal: spec.stopSignal, url }];
};
