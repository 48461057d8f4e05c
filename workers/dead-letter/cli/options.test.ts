import { expect, test } from "vitest";
import { filterOf, Misuse, parseOptions, wholeNumber } from "./options.ts";

test.each([
  [[], "what to do"],
  [["lose"], "no command lose"],
  [["show"], "needs the id"],
  [["show", "a", "b"], "one letter at a time"],
  [["list", "a"], "use show"],
  [["discard", "x"], "--reason"],
  [["list", "--colour", "red"], "--colour"],
])("%j is misuse, and the message says why", (args, word) => {
  expect(() => parseOptions(args)).toThrow(Misuse);
  expect(() => parseOptions(args)).toThrow(word);
});

test("a filter holds what was asked for and nothing else", () => {
  const options = parseOptions(["list", "--stream", "EMOTIONS", "--error-class", "23514", "--json"]);
  expect(options).toMatchObject({ command: "list", id: undefined, values: { json: true } });
  expect(filterOf(options!.values)).toEqual({ stream: "EMOTIONS", errorClass: "23514" });
});

test("help is no command", () => {
  expect(parseOptions(["replay", "--help"])).toBeUndefined();
});

test.each(["", "x", "-1", "1.5"])("%j is no whole number", (text) => {
  expect(() => wholeNumber("--rate", text)).toThrow("--rate");
});
