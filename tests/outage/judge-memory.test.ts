import { expect, it } from "vitest";
import { judgeMemory } from "./judge-memory.ts";

const MIB = 1_024 * 1_024;
const minuteOf = (name: string, minute: number, mebibytes: readonly number[]) =>
  mebibytes.map((size, second) => ({ name, at: minute * 60_000 + second * 1_000, bytes: size * MIB }));

it("memory is flat when every minute's median lies within a tenth of the first minute's", () => {
  const samples = [
    ...minuteOf("worker", 0, [100, 100, 400]),
    ...minuteOf("worker", 1, [110, 90, 110]),
    ...minuteOf("worker", 2, [90, 90, 90]),
  ];
  expect(judgeMemory(samples)).toEqual([
    {
      name: "worker",
      first: 100 * MIB,
      lowest: 90 * MIB,
      highest: 110 * MIB,
      last: 90 * MIB,
      drift: 0.1,
      flat: true,
    },
  ]);
});

it("a process that grows is not flat, whatever its neighbours do", () => {
  const samples = [
    ...minuteOf("worker", 0, [100]),
    ...minuteOf("nats", 0, [50]),
    ...minuteOf("worker", 1, [111]),
    ...minuteOf("nats", 1, [50]),
  ];
  expect(judgeMemory(samples).map(({ name, flat }) => [name, flat])).toEqual([
    ["worker", false],
    ["nats", true],
  ]);
});
