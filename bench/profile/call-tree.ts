import { nameOf, type CpuProfile } from "./top-functions.ts";

/** A function as called from one stack of callers, with the time spent in it and in what it called. */
export type Frame = {
  readonly name: string;
  /** Of the project, of a package, of Node, or none of JavaScript's. */
  readonly origin: "project" | "package" | "node" | "native";
  /** Microseconds. */
  time: number;
  readonly callees: Frame[];
};

const NOT_WORK = new Set(["(idle)", "(root)"]);

/**
 * Where a process spent its time, from the outermost function inwards; calls of the same function by the same stack are
 * one frame.
 * @param skippedMs how much of the beginning is left out
 */
export const callTree = (profile: CpuProfile, skippedMs = 0): Frame => {
  const own = ownTimes(profile, skippedMs);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const root: Frame = { name: "all", origin: "native", time: 0, callees: [] };

  const add = (id: number, caller: Frame): number => {
    const node = nodes.get(id);
    if (!node) return 0;
    const { callFrame, children = [] } = node;
    const name = nameOf(callFrame);
    if (NOT_WORK.has(name)) return addAll(children, caller);
    const known = caller.callees.find((callee) => callee.name === name);
    const frame = known ?? { name, origin: originOf(callFrame.url), time: 0, callees: [] };
    const time = (own.get(id) ?? 0) + addAll(children, frame);
    frame.time += time;
    if (!known && time > 0) caller.callees.push(frame);
    return time;
  };
  const addAll = (ids: readonly number[], caller: Frame): number =>
    ids.reduce((sum, id) => sum + add(id, caller), 0);

  const called = new Set(profile.nodes.flatMap(({ children = [] }) => children));
  root.time = addAll(
    profile.nodes.flatMap(({ id }) => (called.has(id) ? [] : [id])),
    root,
  );
  return root;
};

const ownTimes = ({ samples, timeDeltas }: CpuProfile, skippedMs: number): Map<number, number> => {
  const own = new Map<number, number>();
  let elapsed = 0;
  for (const [index, id] of samples.entries()) {
    const delta = timeDeltas[index] ?? 0;
    elapsed += delta;
    if (elapsed >= skippedMs * 1_000) own.set(id, (own.get(id) ?? 0) + delta);
  }
  return own;
};

const originOf = (url: string): Frame["origin"] => {
  if (url.includes("/node_modules/")) return "package";
  if (url.startsWith("node:")) return "node";
  return url === "" ? "native" : "project";
};
