import { requireReader, requireSelf } from "../../platform/identity/authorize.ts";
import type { Caller } from "../../platform/identity/caller.ts";

/** A path parameter of this name says whom the path belongs to. */
export const OWNER_PARAMETER = "user_id";

/**
 * Lets a user at what is their own, and an operator read what is anybody's.
 * @throws AppError forbidden
 */
export const checkOwnership = (caller: Caller, method: string, params: Record<string, string>): void => {
  const owner = params[OWNER_PARAMETER]?.toLowerCase();
  if (owner === undefined) return;
  if (method === "GET" || method === "HEAD") requireReader(caller, owner);
  else requireSelf(caller, owner);
};
