import { stdSerializers } from "pino";

/**
 * What is logged of an error: its class, message and stack, and what names its kind and place. Libraries put more on their
 * errors: ioredis the command, the password of an AUTH or what was to be cached; PostgreSQL the row that failed.
 */
export const errorFields = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const serialized = stdSerializers.err(error) as unknown as Record<string, unknown>;
  return Object.fromEntries(KEPT.flatMap((name) => (name in serialized ? [[name, serialized[name]]] : [])));
};

const KEPT = [
  "type",
  "message",
  "stack",
  "code",
  "status",
  // Node's sockets
  "syscall",
  "address",
  "port",
  // PostgreSQL's names of things
  "severity",
  "table_name",
  "column_name",
  "constraint_name",
  "routine",
];
