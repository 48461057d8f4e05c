import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { send } from "./client.ts";
import { stack } from "./stack.ts";

export type Person = {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
};

export const freshEmail = (): string => `person-${randomUUID()}@example.com`;
export const PASSWORD = "correct-horse-battery";

/** Somebody who has just registered and logged in. */
export const newPerson = async (): Promise<Person> => {
  const email = freshEmail();
  const registered = await send<{ id: string }>("POST", "/v1/auth/register", {
    json: { email, password: PASSWORD },
  });
  expect(registered).toMatchObject({ status: 201 });
  return { id: registered.body.id, email, password: PASSWORD, token: await logIn(email, PASSWORD) };
};

export const logIn = async (email: string, password: string): Promise<string> => {
  const answer = await send<{ access_token: string }>("POST", "/v1/auth/login", {
    json: { email, password },
  });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.access_token;
};

/** A token of the operator that the stack comes with. */
export const operatorToken = (): Promise<string> => logIn(stack().operator.email, stack().operator.password);
