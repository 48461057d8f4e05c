import { expect, test } from "vitest";
import { callTree } from "./call-tree.ts";

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 0 });

test("a frame's time is its own and its callees', the same call from the same stack is one, and idling is none", () => {
  const profile = {
    nodes: [
      { id: 1, callFrame: frame("(root)"), children: [2, 3, 4, 6] },
      { id: 2, callFrame: frame("(idle)") },
      { id: 3, callFrame: frame("handle", "file:///x/app.ts"), children: [5] },
      { id: 4, callFrame: frame("handle", "file:///x/app.ts"), children: [7] },
      { id: 5, callFrame: frame("write", "node:net") },
      { id: 6, callFrame: frame("(garbage collector)") },
      { id: 7, callFrame: frame("parse", "file:///x/node_modules/lib/a.js") },
    ],
    samples: [3, 2, 5, 3, 4, 7, 6],
    timeDeltas: [999, 500, 30, 10, 20, 5, 8],
  };
  expect(callTree(profile, 1)).toEqual({
    name: "all",
    origin: "native",
    time: 73,
    callees: [
      {
        name: "handle /x/app.ts:1",
        origin: "project",
        time: 65,
        callees: [
          { name: "write node:net:1", origin: "node", time: 30, callees: [] },
          { name: "parse lib/a.js:1", origin: "package", time: 5, callees: [] },
        ],
      },
      { name: "(garbage collector)", origin: "native", time: 8, callees: [] },
    ],
  });
});
