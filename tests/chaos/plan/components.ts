import { PROCESSES } from "../../../stack/processes.ts";

/** What can be broken. */
export type Component =
  /** A process of the stack with so many replicas; a broker of a cluster is one. */
  | { readonly kind: "process"; readonly name: string; readonly replicas: number }
  /** A server of our own behind a link of our own. */
  | { readonly kind: "server"; readonly name: "postgres" | "nats" | "redis" }
  /** Whichever broker leads this stream at that moment. */
  | { readonly kind: "leader"; readonly stream: string };

const BROKERS = 3;
const LED_STREAMS = ["EMOTIONS", "TRANSACTIONS", "CREDIT"];

/** Every process, server and, in a cluster, broker and leader. */
export const componentsOf = ({ cluster }: { cluster: boolean }): Component[] => [
  ...PROCESSES.map(({ name, replicas }) => ({ kind: "process" as const, name, replicas })),
  { kind: "process", name: "nginx", replicas: 1 },
  { kind: "server", name: "postgres" },
  { kind: "server", name: "redis" },
  ...(cluster
    ? [
        { kind: "process" as const, name: "nats", replicas: BROKERS },
        ...LED_STREAMS.map((stream) => ({ kind: "leader" as const, stream })),
      ]
    : [{ kind: "server" as const, name: "nats" as const }]),
];

/**
 * Those that are called so, in the order of the names; all leaders are called `leader`. Everything if nothing is named.
 * @throws Error naming the one that there is not, and what there is
 */
export const chooseComponents = (all: readonly Component[], names: readonly string[]): Component[] => {
  if (names.length === 0) return [...all];
  const known = Map.groupBy(all, nameOf);
  return names.flatMap((name) => known.get(name) ?? refuse(name, [...known.keys()]));
};

const nameOf = (component: Component): string => (component.kind === "leader" ? "leader" : component.name);

const refuse = (name: string, known: readonly string[]): never => {
  throw new Error(`--only knows ${known.toSorted().join(", ")}, not ${JSON.stringify(name)}`);
};
