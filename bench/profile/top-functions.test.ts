import { expect, test } from "vitest";
import { topFunctions } from "./top-functions.ts";

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 9 });

test("shares are of the time that the process was busy, the same function under several callers summed", () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(idle)") },
      { id: 2, callFrame: frame("parse", "file:///x/node_modules/lib/a.js") },
      { id: 3, callFrame: frame("parse", "file:///x/node_modules/lib/a.js") },
      { id: 4, callFrame: frame("", "node:net") },
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [500, 30, 30, 40],
  };
  expect(topFunctions(profile, 5)).toEqual([
    { name: "parse lib/a.js:10", share: 0.6 },
    { name: "(anonymous) node:net:10", share: 0.4 },
  ]);
});
