import { AppError } from "../errors/app-error.ts";
import type { Caller } from "./caller.ts";

const FORBIDDEN = "This belongs to another user";

/** May the caller act for this user? Only the user. @throws AppError forbidden */
export const requireSelf = (caller: Caller, userId: string): void => {
  if (caller.kind === "user" && caller.id === userId) return;
  throw new AppError("forbidden", FORBIDDEN);
};

/** May the caller read what belongs to this user? The user, and any operator. @throws AppError forbidden */
export const requireReader = (caller: Caller, userId: string): void => {
  if (caller.kind === "operator") return;
  requireSelf(caller, userId);
};

/** Who operates the platform. Returns the operator's id. @throws AppError forbidden */
export const requireOperator = (caller: Caller): string => {
  if (caller.kind === "operator") return caller.id;
  throw new AppError("forbidden", "This is for operators");
};

/** May the caller send telemetry of this user? The user, and trusted backends. @throws AppError forbidden */
export const requireSender = (caller: Caller, userId: string): void => {
  if (!maySend(caller, userId)) throw new AppError("forbidden", FORBIDDEN);
};

/** The same as an answer, for events of which one that is refused hinders no other. */
export const maySend = (caller: Caller, userId: string): boolean =>
  caller.kind === "internal" || (caller.kind === "user" && caller.id === userId);

/** Who may send telemetry of anybody at all: people, and trusted backends. @throws AppError forbidden */
export const requireAnySender = (caller: Caller): void => {
  if (caller.kind !== "internal" && caller.kind !== "user")
    throw new AppError("forbidden", "This is for people and trusted backends");
};
