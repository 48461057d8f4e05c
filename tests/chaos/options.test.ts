import { expect, it } from "vitest";
import { parseOptions } from "./options.ts";

it("options have defaults, the seed a random one", () => {
  expect(parseOptions([])).toEqual({
    seed: expect.any(Number),
    faults: 20,
    rate: 300,
    minutes: 5,
    cluster: false,
    only: [],
    singly: false,
    report: undefined,
  });
});

it("options are taken as given", () => {
  const args =
    "--seed 7 --faults 3 --rate 50 --minutes 0.5 --cluster --only leader,redis --singly --report out.json".split(
      " ",
    );
  expect(parseOptions(args)).toEqual({
    seed: 7,
    faults: 3,
    rate: 50,
    minutes: 0.5,
    cluster: true,
    only: ["leader", "redis"],
    singly: true,
    report: "out.json",
  });
  expect(parseOptions(["--help"])).toBeUndefined();
});

it.each([
  [["--seed", "-1"], /seed/],
  [["--faults", "0"], /--faults must be a whole number from 1 to 1000, not "0"/],
  [["--rate", "many"], /--rate must be/],
  [["--minutes", "601"], /--minutes must be/],
  [["--only", "redis,leader"], /--only knows .*gateway, .*redis, .*not "leader"/],
  [["--frsh"], /--frsh/],
])("a wrong option is named: %j", (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
