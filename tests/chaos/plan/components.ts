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
