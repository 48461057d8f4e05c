import { expect, test } from "vitest";
import { readArguments } from "./arguments.ts";

test("without a name every bench runs", () => {
  expect(readArguments([], ["a", "b"])).toEqual({
    names: ["a", "b"],
    quick: false,
    profile: false,
    pages: false,
  });
  expect(readArguments(["--quick"], ["a"])).toEqual({
    names: ["a"],
    quick: true,
    profile: false,
    pages: false,
  });
});

test("only the named benches run", () => {
  expect(readArguments(["b"], ["a", "b"]).names).toEqual(["b"]);
});

test("a group goes by the first word of its names", () => {
  expect(readArguments(["growth"], ["growth-a", "grow", "growth-b"]).names).toEqual(["growth-a", "growth-b"]);
});

test("an unknown name is refused with the names there are", () => {
  expect(() => readArguments(["c"], ["a", "b"])).toThrow("there is no bench c; there are a, b");
});
