import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, type Person } from "./support/people.ts";
import { stack } from "./support/stack.ts";
import { emotionOf } from "./support/telemetry.ts";

const list = ({ id, token }: Person) => send("GET", `/v1/users/${id}/notifications`, { token });

/** Asks, 50 at a time, until one is refused. */
const untilRefused = async (person: Person) => {
  for (let asked = 0; asked < 3_000; asked += 50) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => list(person)));
    expect(answers.filter(({ status }) => status !== 200 && status !== 429)).toEqual([]);
    const refused = answers.find(({ status }) => status === 429);
    if (refused) return refused;
  }
  throw new Error("3,000 requests in a row, and none was refused");
};

describe("the rate limit", () => {
  it("refuses who asks too fast with 429, and nobody else; after Retry-After it is over", async () => {
    const [greedy, modest] = await Promise.all([newPerson(), newPerson()]);
    const refused = await untilRefused(greedy);
    expectProblem(refused, "rate_limited");
    expect((await list(modest)).status).toBe(200);

    await sleep(Number(refused.headers.get("retry-after")) * 1_000);
    expect((await list(greedy)).status).toBe(200);
  });

  it("the internal key has none", async () => {
    const { id } = await newPerson();
    const { internalKey } = stack();
    const answers = [];
    for (let sent = 0; sent < 600; sent += 50) {
      const burst = Array.from({ length: 50 }, () =>
        send("POST", "/v1/emotions/stream", { internalKey, json: emotionOf(id) }),
      );
      answers.push(...(await Promise.all(burst)));
    }
    expect(answers.filter(({ status }) => status !== 202)).toEqual([]);
  });
});
