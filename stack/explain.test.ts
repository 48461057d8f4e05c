import { expect, test } from "vitest";
import { explain } from "./explain.ts";

test("a full disk is explained the same way, whoever noticed it", () => {
  const message = "the disk is full: make room, or choose another folder with ECS_HOME";
  expect(explain(Object.assign(new Error("write"), { code: "ENOSPC" }))).toBe(message);
  expect(explain(new Error("initdb: error: could not write: No space left on device"))).toBe(message);
});

test("a folder that may not be written is answered with the way out", () => {
  const error = Object.assign(new Error("EACCES: permission denied, open 'x'"), { code: "EACCES" });
  expect(explain(error)).toBe(
    "EACCES: permission denied, open 'x': choose a folder that may be written with ECS_HOME",
  );
});

test("anything else is said as it is", () => {
  expect(explain(new Error("port 9999 is taken"))).toBe("port 9999 is taken");
  expect(explain("odd")).toBe("odd");
});
