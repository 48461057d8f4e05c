import { lastWords } from "./last-words.ts";
import type { ProcessSpec } from "./spec.ts";

/** A program that ended before it answered; the message ends with the last it said. */
export class EarlyExit extends Error {
  readonly output: string;

  constructor(spec: ProcessSpec, exit: { code: number | null; signal: string | null }, output: string) {
    const how = exit.signal ? `was ended by ${exit.signal}` : `ended with code ${exit.code}`;
    super(`${spec.name} ${how} before it answered; its log: ${spec.logFile}\n  ${lastWords(output)}`);
    this.name = "EarlyExit";
    this.output = output;
  }
}

/** True when a server failed because another program holds its port. */
export const portWasTaken = (error: unknown): boolean =>
  error instanceof EarlyExit && /address already in use/i.test(error.output);
