import { createLife } from "./life.ts";
import { type Persona, drawPersona } from "./persona.ts";
import type { Telemetry } from "./telemetry.ts";

/** A person of the run: who it is, and the id and session that the platform knows it by. */
export type PersonalEvent<Person> = { readonly person: Person; readonly event: Telemetry };

export const drawPopulation = (seed: number, size: number): Persona[] =>
  Array.from({ length: size }, (_, index) => drawPersona(seed, index));

export type Chronicle<Person> = {
  /** Everyone's past, event by event, as it would have come in; only one day is held at a time. */
  readonly history: () => Generator<PersonalEvent<Person>>;
  /** Everyone's live traffic, in order. To be asked for after the past is told. */
  readonly live: (durationMs: number) => PersonalEvent<Person>[];
};

/** The lives of many, woven into one stream. */
export const tellLives = <Person extends { readonly persona: Persona }>(
  seed: number,
  people: readonly Person[],
): Chronicle<Person> => {
  const lives = people.map((person) => ({ person, life: createLife(seed, person.persona) }));
  return {
    *history() {
      const pasts = lives.map(({ person, life }) => ({ person, days: life.history() }));
      for (;;) {
        const today = pasts.map(({ person, days }) => ({ person, day: days.next() }));
        if (today.every(({ day }) => day.done)) return;
        yield* inOrder(today.map(({ person, day }) => ({ person, events: day.done ? [] : day.value })));
      }
    },
    live: (durationMs) =>
      inOrder(lives.map(({ person, life }) => ({ person, events: life.live(durationMs) }))),
  };
};

const inOrder = <Person>(
  parts: readonly { person: Person; events: readonly Telemetry[] }[],
): PersonalEvent<Person>[] =>
  parts
    .flatMap(({ person, events }) => events.map((event) => ({ person, event })))
    .sort((a, b) => a.event.offsetMs - b.event.offsetMs);
