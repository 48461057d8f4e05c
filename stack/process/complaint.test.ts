import { expect, test } from "vitest";
import { complaintIn } from "./complaint.ts";

test("a warning of ours is told in words, with the error behind it", () => {
  const line = '{"level":"error","process":"gateway-1","err":{"message":"refused"},"msg":"no upstream"}';
  expect(complaintIn(line)).toBe("error: no upstream: refused");
});

test("what is done again and again is named when it fails", () => {
  const line =
    '{"level":"warn","err":{"message":"refused"},"work":"hash chain","msg":"did not succeed: tried again later"}';
  expect(complaintIn(line)).toBe("warn: hash chain did not succeed: tried again later: refused");
});

test("an ordinary line is not worth showing", () => {
  expect(complaintIn('{"level":"info","msg":"request"}')).toBeUndefined();
  expect(complaintIn("LOG:  database system is ready to accept connections")).toBeUndefined();
});

test("a full disk is shown whoever says it", () => {
  const line = 'PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device';
  expect(complaintIn(line)).toBe(line);
});

test("a line that only looks like JSON is shown as it is", () => {
  expect(complaintIn('{"level":"warn", broken')).toBe('{"level":"warn", broken');
});
