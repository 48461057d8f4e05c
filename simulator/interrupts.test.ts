import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { listenForInterrupts } from "./interrupts.ts";

const listening = () => {
  const signals = new EventEmitter();
  let time = 0;
  const { first, second } = listenForInterrupts(signals as NodeJS.Process, () => time);
  const interrupt = (at: number): [boolean, boolean] => {
    time = at;
    signals.emit("SIGINT");
    return [first.aborted, second.aborted];
  };
  return interrupt;
};

test("the first Ctrl-C ends the playing, a later one the checking", () => {
  const interrupt = listening();
  expect(interrupt(0)).toEqual([true, false]);
  expect(interrupt(3_000)).toEqual([true, true]);
});

test("one Ctrl-C that arrives several times is one", () => {
  const interrupt = listening();
  expect(interrupt(0)).toEqual([true, false]);
  expect(interrupt(200)).toEqual([true, false]);
  expect(interrupt(600)).toEqual([true, false]);
});
