import { randomBytes } from "node:crypto";
import { drawJourney } from "../domain/journey.ts";
import type { Persona } from "../domain/persona.ts";
import type { AppClient } from "../http/app-client.ts";
import { openSession } from "../http/session.ts";
import { inParallel } from "./in-parallel.ts";
import type { Person } from "./person.ts";

export type OpenAccounts = {
  readonly client: AppClient;
  readonly seed: number;
  /** Sets this run's people apart from those of every other. */
  readonly runId: string;
  readonly durationMs: number;
  readonly stopping: AbortSignal;
  readonly opened: (count: number) => void;
};

// Hashing a password is slow on purpose: more at a time would only wait in line.
const LANES = 8;

/** Registers and logs in everyone. @returns who made it, in the order of the population, and why others did not */
export const openAccounts = async (
  population: readonly Persona[],
  { client, seed, runId, durationMs, stopping, opened }: OpenAccounts,
): Promise<{ people: Person[]; failures: string[] }> => {
  const people: Person[] = [];
  const failures: string[] = [];
  await inParallel(population, LANES, async (persona) => {
    if (stopping.aborted) return;
    const account = {
      email: `${runId}-${persona.index}@simulator.example`,
      password: randomBytes(18).toString("base64url"),
    };
    const session = await openSession(client, account);
    if (typeof session === "string") {
      failures.push(session);
      return;
    }
    people.push({ persona, session, journey: drawJourney(seed, persona, durationMs) });
    opened(people.length);
  });
  return { people: people.toSorted((a, b) => a.persona.index - b.persona.index), failures };
};
