import { AppError } from "../../platform/errors/app-error.ts";
import type { Caller } from "../../platform/identity/caller.ts";

/**
 * Whose money a request may move, and whose keys and references it uses. `owner`: a user, who pays only from wallets
 * of their own; operators act for the platform, together, and `actor` says which of them it was.
 */
export type Orderer = { scope: string; owner: string | undefined; actor: string };

/** @throws AppError forbidden for callers that are neither a user nor an operator */
export const ordererOf = (caller: Caller): Orderer => {
  if (caller.kind === "operator")
    return { scope: "platform", owner: undefined, actor: `operator:${caller.id}` };
  if (caller.kind === "user") {
    const scope = `user:${caller.id}`;
    return { scope, owner: caller.id, actor: scope };
  }
  throw new AppError("forbidden", "Only users and operators move money");
};
