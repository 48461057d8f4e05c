import type { ChangedRecord } from "../sql/chain-records.ts";
import { RECORD_FIELDS } from "./record-fields.ts";

/** Says of a record which fields are not what they were, with both values as the database holds them; times in UTC. */
export const describeChange = ({ was, is }: ChangedRecord): string => {
  const [kind, id] = (was ?? is)!;
  const name = `${kind} ${id}`;
  if (is === null) return `${name} was taken away`;
  if (was === null) return `${name} was put in`;
  const changed = (RECORD_FIELDS[kind!] ?? []).flatMap((field, index) => {
    const [before, now] = [was[index + 1] ?? null, is[index + 1] ?? null];
    return before === now ? [] : [`${field} is ${show(field, now)}, was ${show(field, before)}`];
  });
  return `${name}: ${changed.join("; ")}`;
};

const show = (field: string, value: string | null): string => {
  if (value === null) return "nothing";
  return TIMES.test(field) ? toTime(BigInt(value)) : JSON.stringify(value);
};

const TIMES = /(?:_at|waits_from)$/;

/** Of microseconds. Years beyond JavaScript's are left in them. */
const toTime = (micros: bigint): string => {
  const time = new Date(Number(micros / 1_000n));
  if (micros < 0n || Number.isNaN(time.getTime())) return `${micros} microseconds`;
  return time.toISOString().replace("Z", `${(micros % 1_000n).toString().padStart(3, "0")}Z`);
};
