import { expect, test } from "vitest";
import { AppError } from "../../platform/errors/app-error.ts";
import {
  type StatementPosition,
  type StatementQuery,
  readStatementCursor,
  toStatementCursor,
} from "./statement-position.ts";

const KEY = "a key of the platform";
const QUERY: StatementQuery = {
  accountId: "a",
  from: "2026-01-01T00:00:00Z",
  to: "2026-02-01T00:00:00+01:00",
  basis: "effective",
};
const POSITION: StatementPosition = {
  since: "2026-01-02T00:00:00.000000Z",
  recordedAt: "2026-01-03T00:00:00.000001Z",
  part: 3,
  version: "12",
  opening: "-1.00",
  closing: "2.50",
  running: "0.00",
  snapshot: "780:784:780,782",
};
const cursor = toStatementCursor(POSITION, QUERY, KEY);

test("a cursor is read as it was written, where its query and the key are the same", () => {
  expect(readStatementCursor(cursor, QUERY, KEY)).toEqual(POSITION);
  expect(readStatementCursor(cursor, { ...QUERY }, KEY)).toEqual(POSITION);
  expect(readStatementCursor(undefined, QUERY, KEY)).toBe(undefined);
});

test("no letter of a cursor can be another one, be missing or be added", () => {
  const changed = cursor.split("").flatMap((letter, at) => {
    const [before, after] = [cursor.slice(0, at), cursor.slice(at + 1)];
    return [before + after, `${before}${letter === "1" ? "2" : "1"}${after}`, `${before}0${letter}${after}`];
  });
  for (const one of ["", "_", `${cursor}_`, ...changed])
    expect(() => readStatementCursor(one, QUERY, KEY), one).toThrow(AppError);
});

test.each([
  ["account", { ...QUERY, accountId: "b" }, KEY],
  ["beginning", { ...QUERY, from: "2026-01-01T00:00:01Z" }, KEY],
  ["end", { ...QUERY, to: "2026-02-01T00:00:00Z" }, KEY],
  ["order", { ...QUERY, basis: "recorded" as const }, KEY],
  ["key", QUERY, "another key"],
])("a cursor is refused for another %s", (_what, query, key) => {
  expect(() => readStatementCursor(cursor, query, key)).toThrow(AppError);
});
