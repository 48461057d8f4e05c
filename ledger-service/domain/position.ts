import { moment } from "../../contracts/times.ts";
import { AppError } from "../../platform/errors/app-error.ts";

/** Where an entry stands among an account's: when it was recorded, then its part, then its version. */
export type Position = { recordedAt: string; part: number; version: string };

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)_(\d{1,3})_(\d{1,18})$/;

export const toCursor = ({ recordedAt, part, version }: Position): string =>
  `${recordedAt}_${part}_${version}`;

/** @throws AppError invalid_query when it is no cursor of ours */
export const readCursor = (cursor: string | undefined): Position | undefined => {
  if (cursor === undefined) return undefined;
  const [, recordedAt, part, version] = CURSOR.exec(cursor) ?? [];
  if (recordedAt && part && version && moment.safeParse(recordedAt).success)
    return { recordedAt, part: Number(part), version };
  throw noCursor();
};

/** For what was given as a cursor and is none of ours. */
export const noCursor = (): AppError =>
  new AppError("invalid_query", "Malformed in the query: cursor", {
    errors: [{ pointer: "/cursor", detail: "must be a nextCursor of an earlier answer" }],
  });
