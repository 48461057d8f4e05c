import { between, chance, type Random, randomFor } from "../../../simulator/domain/random.ts";
import type { Component } from "./components.ts";
import { createDeck } from "./deck.ts";

export type Action = "kill" | "pause" | "restart" | "cut" | "slow" | "silence";

export type Target =
  /** A process of the stack, by the name of its replica; without a number, all of them. */
  | { readonly kind: "process"; readonly name: string }
  | { readonly kind: "server"; readonly name: "postgres" | "nats" | "redis" }
  | { readonly kind: "leader"; readonly stream: string };

export type Strike = {
  readonly action: Action;
  readonly target: Target;
  /** How long it stays paused or away; a killed process of the stack comes back when its supervisor brings it. */
  readonly forMs: number;
};

export type Fault = {
  readonly number: number;
  /** From the beginning of the faults, in ms; later when the one before is not over. */
  readonly at: number;
  /** One, or two at the same moment. */
  readonly strikes: readonly Strike[];
};

export type PlanOptions = {
  readonly seed: number;
  readonly faults: number;
  readonly minutes: number;
  /** Never two at the same moment; otherwise every third fault is a pair. */
  readonly singly?: boolean;
};

const SHORTEST_MS = 1_000;
const LONGEST_MS = 8_000;
const LONGEST_AWAY_MS = 3_000;
const EVERY_SO_MANY_A_PAIR = 3;
const ALL_REPLICAS = 0.25;

/** What is broken when, and nothing else: everything in it comes from the seed. Each component has its turn. */
export const planFaults = (options: PlanOptions, components: readonly Component[]): Fault[] => {
  const random = randomFor(options.seed, "faults");
  const draw = createDeck(random, components);
  const actions = {
    process: createDeck<Action>(random, ["kill", "kill", "pause", "restart"]),
    server: createDeck<Action>(random, ["kill", "pause", "restart", "cut", "slow", "silence"]),
    leader: createDeck<Action>(random, ["kill", "kill", "pause"]),
  };
  const slotMs = (options.minutes * 60_000) / options.faults;
  const longestMs = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, slotMs / 2));
  const strike = (): Strike => {
    const component = draw();
    const action = actions[component.kind]();
    const target = aim(random, component);
    const most = component.kind === "server" && isBrief(action) ? LONGEST_AWAY_MS : longestMs;
    return { action, target, forMs: Math.round(between(random, SHORTEST_MS, Math.min(most, longestMs))) };
  };
  return Array.from({ length: options.faults }, (_, place) => ({
    number: place + 1,
    at: Math.round(slotMs * (place + between(random, 0, 0.25))),
    strikes: !options.singly && (place + 1) % EVERY_SO_MANY_A_PAIR === 0 ? [strike(), strike()] : [strike()],
  }));
};

const isBrief = (action: Action): boolean => action === "kill" || action === "restart";

const aim = (random: Random, component: Component): Target => {
  if (component.kind !== "process") return component;
  const { name, replicas } = component;
  if (name === "nginx") return { kind: "process", name };
  // One broker of three is all that a cluster promises to do without.
  const all = replicas > 1 && name !== "nats" && chance(random, ALL_REPLICAS);
  const number = 1 + Math.floor(random() * replicas);
  return { kind: "process", name: all ? name : `${name}-${number}` };
};

const VERBS: Record<Action, string> = {
  kill: "kill",
  pause: "pause",
  restart: "restart",
  cut: "cut off",
  slow: "slow down the link to",
  silence: "silence the link to",
};

/** Such as `pause gateway-1 (2.4 s) + cut off postgres (1.0 s)`. */
export const describeFault = ({ strikes }: Pick<Fault, "strikes">): string =>
  strikes
    .map(({ action, target, forMs }) => {
      const lasts = target.kind === "server" || !isBrief(action);
      return `${VERBS[action]} ${nameOf(target)}${lasts ? ` (${(forMs / 1_000).toFixed(1)} s)` : ""}`;
    })
    .join(" + ");

const nameOf = (target: Target): string => {
  if (target.kind === "leader") return `the leader of ${target.stream}`;
  return target.kind === "process" && !/(-\d+|^nginx)$/.test(target.name)
    ? `every ${target.name}`
    : target.name;
};
