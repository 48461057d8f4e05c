import { expect, test } from "vitest";
import { lastWords } from "./last-words.ts";

test("of an uncaught error the message is told, not the calls under it", () => {
  const output = `node:internal/modules/cjs/loader:1568
  throw err;
  ^

Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/x/y.ts'
    at one (node:internal/one:1:2)
    at two (node:internal/two:1:2)

Node.js v24.21.0
`;
  expect(lastWords(output)).toBe("Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/x/y.ts'");
});

test("of a log the complaints are told, not the rest", () => {
  const output = `{"level":"info","msg":"starting"}
{"level":"fatal","msg":"could not start","err":{"message":"refused"}}
{"level":"info","msg":"stopped"}
`;
  expect(lastWords(output)).toBe("fatal: could not start: refused");
});

test("of anything else the last lines are told", () => {
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  expect(lastWords(lines.join("\n")).split("\n  ")).toEqual(lines.slice(-12));
});
