import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Analysis, analyse } from "./support/credit.ts";
import type { Answer } from "./support/client.ts";
import { passCoolOff } from "./support/cool-off.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { breakerStates, breakModel, type Faults, mendModel, modelCalls } from "./support/model-faults.ts";
import { newPerson, type Person } from "./support/people.ts";
import { replicasOf } from "./support/stack.ts";
import { live } from "./support/telemetry.ts";

const FAILURES_TO_OPEN = 5;
const QUIET_AFTER = 10;

/** A failed analysis leaves no decision behind, so that each of these asks the model again. */
const analyseUntilQuiet = async (person: Person): Promise<Answer<Analysis>[]> => {
  const answers: Answer<Analysis>[] = [];
  let calls = await modelCalls();
  for (let quiet = 0; quiet < QUIET_AFTER && answers.length < 100;) {
    answers.push(await analyse(person));
    const now = await modelCalls();
    quiet = now === calls ? quiet + 1 : 0;
    calls = now;
  }
  return answers;
};

describe("the breaker in front of the model", () => {
  let person: Person;
  beforeAll(async () => {
    person = await newPerson();
    await live(person, { transactions: 1 });
  });

  // Each of these decisions would stand for the cool-off, and the model would not be asked again.
  const askTheModel = async (): Promise<Answer<Analysis>> => {
    await passCoolOff(person.id);
    return analyse(person);
  };
  afterEach(() => mendModel(askTheModel));

  it("opens on the 5th failure in a row, answers 503 without asking the model, and recovers", async () => {
    const before = await modelCalls();
    await breakModel({ errorRate: 1 });
    const answers = await analyseUntilQuiet(person);
    expect((await modelCalls()) - before).toBe(FAILURES_TO_OPEN * replicasOf("credit-service").length);
    expect(new Set(await breakerStates())).toEqual(new Set(["open"]));
    for (const answer of answers) expectProblem(answer, "model_unavailable");

    await mendModel(askTheModel);
    expect(await askTheModel()).toMatchObject({ status: 200, body: { user_id: person.id } });
  });

  it.each<[string, Faults]>([
    ["fails", { errorRate: 1 }],
    ["answers something else than a prediction", { malformed: true }],
    ["does not answer", { hang: true }],
  ])("a model that %s is 503 and leaves no decision", async (_what, faults) => {
    const unlucky = await newPerson();
    await live(unlucky, { transactions: 1 });
    await breakModel(faults);
    expectProblem(await analyse(unlucky), "model_unavailable");
    expect(await sql()`select id from credit_decisions where user_id = ${unlucky.id}`).toEqual([]);
  });
});
