import { AppError } from "../../platform/errors/app-error.ts";
import { invalidBody } from "../../platform/errors/invalid-body.ts";
import type { Caller } from "../../platform/identity/caller.ts";

/** Whose line a purchase is against, and whose keys and references it uses. */
export type Holder = {
  scope: string;
  /** Null where a partner names the person. */
  owner: string | null;
  partner: string | null;
  /** The person's id as the partner knows it. */
  external: string | null;
};

/**
 * Who asks for an authorization: a person for themselves, a partner for a user of theirs. `userId` is what the body says.
 * @throws AppError forbidden; validation_failed where a partner names nobody
 */
export const holderOf = (caller: Caller, userId: string | undefined): Holder => {
  if (caller.kind === "user") {
    if (userId !== undefined && userId.toLowerCase() !== caller.id)
      throw new AppError("forbidden", "People authorize purchases of their own", {
        errors: [{ pointer: "/userId", detail: "must be yourself" }],
      });
    return { scope: `user:${caller.id}`, owner: caller.id, partner: null, external: null };
  }
  if (caller.kind !== "partner")
    throw new AppError("forbidden", "Only people and partners authorize purchases");
  if (userId === undefined)
    throw invalidBody({ pointer: "/userId", detail: "is needed: the id that you know the person by" });
  return { scope: `partner:${caller.id}`, owner: null, partner: caller.id, external: userId };
};

/**
 * Of whom a group is that a caller settles: their own; operators, who have none, name a person or a partner.
 * @throws AppError forbidden; validation_failed
 */
export const groupScope = (
  caller: Caller,
  { userId, partnerId }: { userId?: string | undefined; partnerId?: string | undefined },
): string => {
  const own = settlerScope(caller);
  const given = userId === undefined ? "/partnerId" : "/userId";
  if (caller.kind !== "operator") {
    if (userId === undefined && partnerId === undefined) return own;
    throw invalidBody({ pointer: given, detail: "is for operators: a group is your own" });
  }
  if (userId !== undefined && partnerId !== undefined)
    throw invalidBody({ pointer: "/partnerId", detail: "cannot be given together with userId" });
  if (userId !== undefined) return `user:${userId}`;
  if (partnerId !== undefined) return `partner:${partnerId}`;
  throw invalidBody({ pointer: "/userId", detail: "is needed, or else partnerId: whose group it is" });
};

/** Whose holds a caller may capture and void: their own, operators everybody's. @throws AppError forbidden */
export const settlerScope = (caller: Caller): string => {
  if (caller.kind === "operator") return "platform";
  if (caller.kind === "user" || caller.kind === "partner") return `${caller.kind}:${caller.id}`;
  throw new AppError("forbidden", "Only people, partners and operators settle authorizations");
};
