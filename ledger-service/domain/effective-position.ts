import { AppError } from "../../platform/errors/app-error.ts";
import type { Position } from "./position.ts";

/**
 * Where an entry stands among an account's by the time from which it counts, and the entries among which it stands:
 * those that PostgreSQL's snapshot sees (`xmin:xmax:xip,…`), so that what comes in later moves no page.
 */
export type EffectivePosition = Position & { effectiveAt: string; snapshot: string };

const MOMENT = String.raw`(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)`;
const CURSOR = new RegExp(`^${MOMENT}_${MOMENT}_(\\d{1,3})_(\\d{1,18})_(\\d{1,18}:\\d{1,18}:[\\d,]*)$`);

export const toEffectiveCursor = (position: EffectivePosition): string =>
  [position.effectiveAt, position.recordedAt, position.part, position.version, position.snapshot].join("_");

/** @throws AppError invalid_query when it is no cursor of ours */
export const readEffectiveCursor = (cursor: string | undefined): EffectivePosition | undefined => {
  if (cursor === undefined) return undefined;
  const [, effectiveAt, recordedAt, part, version, snapshot] = CURSOR.exec(cursor) ?? [];
  if (effectiveAt && recordedAt && part && version && snapshot)
    if (isMoment(effectiveAt) && isMoment(recordedAt) && isSnapshot(snapshot))
      return { effectiveAt, recordedAt, part: Number(part), version, snapshot };
  throw new AppError("invalid_query", "Malformed in the query: cursor", {
    errors: [{ pointer: "/cursor", detail: "must be a nextCursor of an earlier answer" }],
  });
};

const isMoment = (text: string): boolean => !Number.isNaN(Date.parse(text));

/** What PostgreSQL takes as a pg_snapshot: transactions under way rise, from xmin on and below xmax. */
const isSnapshot = (text: string): boolean => {
  const [xmin = "", xmax = "", under = ""] = text.split(":");
  const numbers = [xmin, ...(under === "" ? [] : under.split(",")), xmax];
  if (numbers.includes("")) return false;
  const [lowest = 0n, ...rest] = numbers.map(BigInt);
  const highest = rest.pop() ?? 0n;
  if (lowest < 1n || highest < lowest) return false;
  return rest.every((xid, n) => xid >= lowest && xid < highest && xid > (n === 0 ? 0n : rest[n - 1]!));
};
