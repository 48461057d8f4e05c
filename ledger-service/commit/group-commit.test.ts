import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Answer } from "../sql/answer.ts";
import { createGroupCommit } from "./group-commit.ts";

const answerTo = (operation: string): Answer => ({ status: 201, body: operation, replayed: false });
const noClaims = (): string[] => [];

test("what comes while a batch is under way is the next batch, in order, each with its own answer", async () => {
  const batches: string[][] = [];
  const gate = Promise.withResolvers<void>();
  const commit = createGroupCommit<string>({
    claims: noClaims,
    run: async (operations) => {
      batches.push([...operations]);
      if (batches.length === 1) await gate.promise;
      return operations.map(answerTo);
    },
  });
  const first = [commit.submit("a"), commit.submit("b")];
  await turn();
  const second = ["c", "d", "e"].map((name) => commit.submit(name));
  gate.resolve();
  const answers = await Promise.all([...first, ...second]);
  expect(answers.map(({ body }) => body)).toEqual(["a", "b", "c", "d", "e"]);
  expect(batches).toEqual([
    ["a", "b"],
    ["c", "d", "e"],
  ]);
});

test("a batch has at most so many", async () => {
  const sizes: number[] = [];
  const commit = createGroupCommit<number>({
    claims: noClaims,
    maxBatch: 4,
    run: async (operations) => {
      sizes.push(operations.length);
      return operations.map(() => answerTo("x"));
    },
  });
  await Promise.all(Array.from({ length: 10 }, (_, n) => commit.submit(n)));
  expect(sizes).toEqual([4, 4, 2]);
});

test.each([
  [1, ["a", "b", "c", "d", "e"], 1],
  [2, ["a", "b", "c", "d", "e"], 2],
  [2, ["a"], 1],
])(
  "with %i batches under way at most %j never go in more at a time, and never in an empty one",
  async (batches, names, most) => {
    const sizes: number[] = [];
    let [atOnce, mostAtOnce] = [0, 0];
    const commit = createGroupCommit<string>({
      claims: noClaims,
      batches,
      maxBatch: 2,
      run: async (operations) => {
        sizes.push(operations.length);
        mostAtOnce = Math.max(mostAtOnce, ++atOnce);
        await turn();
        atOnce--;
        return operations.map(answerTo);
      },
    });
    await Promise.all(names.map((name) => commit.submit(name)));
    expect(mostAtOnce).toBe(most);
    expect(sizes).not.toContain(0);
  },
);

test("what comes while one of two batches is under way makes one more, and the rest waits", async () => {
  const batches: string[][] = [];
  const gate = Promise.withResolvers<void>();
  const commit = createGroupCommit<string>({
    claims: noClaims,
    batches: 2,
    maxBatch: 1,
    run: async (operations) => {
      batches.push([...operations]);
      await gate.promise;
      return operations.map(answerTo);
    },
  });
  const first = commit.submit("a");
  await turn();
  const others = ["b", "c", "d"].map((name) => commit.submit(name));
  await turn();
  expect(batches).toEqual([["a"], ["b"]]);
  gate.resolve();
  await Promise.all([first, ...others]);
  expect(batches).toEqual([["a"], ["b"], ["c"], ["d"]]);
});

test("one bad operation hurts nobody else", async () => {
  const commit = createGroupCommit<string>({
    claims: noClaims,
    run: async (operations) => {
      if (operations.includes("bad")) throw new Error("what a mess");
      return operations.map(answerTo);
    },
  });
  const outcomes = await Promise.allSettled(["a", "bad", "b"].map((name) => commit.submit(name)));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("when the database is away each caller hears so, and nothing is sent twice", async () => {
  let calls = 0;
  const commit = createGroupCommit<string>({
    claims: noClaims,
    run: async () => {
      calls++;
      throw Object.assign(new Error("gone"), { code: "CONNECTION_CLOSED" });
    },
  });
  const outcomes = await Promise.allSettled([commit.submit("a"), commit.submit("b")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(calls).toBe(1);
});

test("a key that is in hand is refused at once, and free again afterwards", async () => {
  const commit = createGroupCommit<string>({
    claims: (key) => [key],
    run: async (operations) => operations.map(answerTo),
  });
  const first = commit.submit("k");
  await expect(commit.submit("k")).rejects.toMatchObject({ code: "request_in_progress" });
  await first;
  expect(await commit.submit("k")).toMatchObject({ status: 201 });
});

test("stopping answers what is in hand and takes nothing new", async () => {
  const gate = Promise.withResolvers<void>();
  const commit = createGroupCommit<string>({
    claims: noClaims,
    run: async (operations) => {
      await gate.promise;
      return operations.map(answerTo);
    },
  });
  const answer = commit.submit("a");
  await turn();
  const stopped = commit.stop();
  await expect(commit.submit("b")).rejects.toMatchObject({ code: "service_unavailable" });
  gate.resolve();
  expect(await answer).toMatchObject({ body: "a" });
  await stopped;
});

test("stopping waits for what no batch has taken yet", async () => {
  let ran = false;
  const commit = createGroupCommit<string>({
    claims: noClaims,
    run: async (operations) => {
      await turn();
      ran = true;
      return operations.map(answerTo);
    },
  });
  const answer = commit.submit("a");
  await commit.stop();
  expect(ran).toBe(true);
  expect(await answer).toMatchObject({ body: "a" });
});

test("stopping what has nothing in hand is done at once", async () => {
  const commit = createGroupCommit<string>({ claims: noClaims, run: async () => [] });
  await expect(commit.stop()).resolves.toBeUndefined();
});
