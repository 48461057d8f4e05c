import { arch, cpus, platform, release, totalmem } from "node:os";

/** Where the numbers come from. */
export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
};

export const describeMachine = (): Machine => {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() || "unknown",
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release().split("-")[0]} ${arch()}`,
    node: process.version,
  };
};
