import type { Journey } from "../domain/journey.ts";
import type { Persona } from "../domain/persona.ts";
import type { Session } from "../http/session.ts";

/** A person with an account. */
export type Person = {
  readonly persona: Persona;
  readonly session: Session;
  readonly journey: Journey;
};
