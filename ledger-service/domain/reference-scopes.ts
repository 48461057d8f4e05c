import { AppError } from "../../platform/errors/app-error.ts";
import type { FieldError } from "../../platform/errors/app-error.ts";
import { requireSelf } from "../../platform/identity/authorize.ts";
import type { Caller } from "../../platform/identity/caller.ts";

/** Among whose references to look; the ids as a query gives them. */
export type Whose = { userId?: string | undefined; partnerId?: string | undefined };

/**
 * Among whose references a transfer is looked for: people among their own and those of the platform, which pays them;
 * operators among the platform's, or a person's.
 * @throws AppError forbidden
 */
export const transferScopes = (caller: Caller, { userId }: Pick<Whose, "userId">): string[] => {
  if (caller.kind === "operator") return [userId === undefined ? "platform" : `user:${userId}`];
  if (caller.kind !== "user") throw new AppError("forbidden", "Only users and operators see transfers");
  if (userId !== undefined) requireSelf(caller, userId);
  return [`user:${caller.id}`, "platform"];
};

/**
 * Among whose references an authorization is looked for: people among their own or a partner's, partners among their
 * own; operators, who have none, say whose.
 * @throws AppError forbidden; invalid_query where an operator names nobody, or somebody both
 */
export const authorizationScope = (caller: Caller, { userId, partnerId }: Whose): string => {
  if (userId !== undefined && partnerId !== undefined)
    throw unclear({ pointer: "/partnerId", detail: "cannot be given together with userId" });
  if (caller.kind === "partner") {
    if (userId !== undefined || (partnerId ?? caller.id) !== caller.id)
      throw new AppError("forbidden", "Partners look among references of their own");
    return `partner:${caller.id}`;
  }
  if (caller.kind !== "user" && caller.kind !== "operator")
    throw new AppError("forbidden", "Only people, partners and operators see authorizations");
  if (userId !== undefined && caller.kind === "user") requireSelf(caller, userId);
  if (partnerId !== undefined) return `partner:${partnerId}`;
  const whose = userId ?? (caller.kind === "user" ? caller.id : undefined);
  if (whose === undefined) throw unclear({ pointer: "/userId", detail: "is needed, or else partnerId" });
  return `user:${whose}`;
};

/** Of whom everything is listed: partners. @throws AppError invalid_query for others, who look by a reference here */
export const partnersScope = (scope: string): string => {
  if (scope.startsWith("partner:")) return scope;
  const detail = "is needed: a person's are listed at /v1/users/{user_id}/authorizations";
  throw unclear({ pointer: "/referenceId", detail });
};

const unclear = (error: FieldError): AppError =>
  new AppError("invalid_query", "The query does not say whose it is", { errors: [error] });
