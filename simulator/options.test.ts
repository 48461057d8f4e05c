import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

test("without options, 200 people play a minute with a seed of chance", () => {
  expect(parseOptions([])).toMatchObject({ users: 200, minutes: 1, rate: 1_000, baseUrl: undefined });
  expect(parseOptions([])!.seed).not.toBe(parseOptions([])!.seed);
});

test("options are taken as given", () => {
  const args = ["--users", "5", "--minutes=0.5", "--seed", "42", "--base-url", "http://127.0.0.1:8080"];
  const expected = { users: 5, minutes: 0.5, seed: 42, baseUrl: "http://127.0.0.1:8080" };
  expect(parseOptions(args)).toMatchObject(expected);
});

test("help asked for is no run", () => {
  expect(parseOptions(["--help"])).toBeUndefined();
});

test.each([
  [["--users", "0"], /--users must be a whole number from 1 to 100000, not "0"/],
  [["--users", "many"], /--users .* "many"/],
  [["--minutes", "-1"], /--minutes/],
  [["--seed", "4294967296"], /--seed/],
  [["--rate", "1.5"], /--rate/],
  [["--base-url", "localhost:9999"], /--base-url must be a URL/],
  [["--database-url", "mysql://u:secret@h/d"], /--database-url must be a URL/],
  [["--user", "5"], /--user/],
  [["5"], /5/],
])("%j is refused with its name", (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test("a refused URL is not repeated, for it may hold a password", () => {
  expect(() => parseOptions(["--database-url", "mysql://u:secret@h/d"])).toThrow(/^(?!.*secret)/);
});
