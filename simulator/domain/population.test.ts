import { expect, test } from "vitest";
import { createLife } from "./life.ts";
import { drawPopulation, tellLives } from "./population.ts";

const people = (seed: number, size: number) => drawPopulation(seed, size).map((persona) => ({ persona }));

test("everyone's past is told whole, woven in the order of time", () => {
  const crowd = people(4, 20);
  const told = [...tellLives(4, crowd).history()];
  const offsets = told.map(({ event }) => event.offsetMs);
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
  for (const person of crowd) {
    const own = told.filter((each) => each.person === person).map(({ event }) => event);
    expect(own).toEqual([...createLife(4, person.persona).history()].flat());
  }
});

test("a larger population keeps the people of a smaller one", () => {
  expect(drawPopulation(4, 50).slice(0, 20)).toEqual(drawPopulation(4, 20));
});

test("live traffic of everyone comes in the order of time", () => {
  const chronicle = tellLives(4, people(4, 20));
  for (const _ of chronicle.history()) continue;
  const offsets = chronicle.live(30_000).map(({ event }) => event.offsetMs);
  expect(offsets.length).toBeGreaterThan(20);
  expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
});
