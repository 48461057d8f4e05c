import { expect, it } from "vitest";
import { judgeMemory } from "./judge-memory.ts";

const MIB = 1_024 * 1_024;
const minuteOf = (name: string, minute: number, mebibytes: readonly number[]) =>
  mebibytes.map((size, second) => ({ name, at: minute * 60_000 + second * 1_000, bytes: size * MIB }));

it("memory is flat when no minute's median lies more than a tenth above the first minute's", () => {
  const samples = [
    ...minuteOf("worker", 0, [100, 100, 400]),
    ...minuteOf("worker", 1, [110, 90, 110]),
    ...minuteOf("worker", 2, [70, 70, 70]),
  ];
  expect(judgeMemory(samples)).toEqual([
    {
      name: "worker",
      first: 100 * MIB,
      lowest: 70 * MIB,
      highest: 110 * MIB,
      last: 70 * MIB,
      growth: 0.1,
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
