import type { Sql } from "../../platform/database/connect.ts";
import { inTransaction } from "../../platform/database/transaction.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { revokeToken, revokeTokensOf } from "../sql/token-revocations.ts";

export type LogOutRequest = {
  userId: string;
  /** The one that the request came with. */
  token: { tokenId: string; expiresAt: Date };
  /** Ends all the others as well. */
  everywhere: boolean;
};

const REASON = "logged out";

/** @throws AppError user_not_found */
export const createLogOut =
  ({ sql, newId }: { sql: Sql; newId: () => string }) =>
  async ({ userId, token, everywhere }: LogOutRequest): Promise<void> => {
    const ended = { id: newId(), userId, reason: REASON, revokedBy: userId };
    if (!everywhere) return revokeToken(sql, { ...ended, ...token });
    const row = await inTransaction(sql, (tx) => revokeTokensOf(tx, ended));
    if (!row) throw new AppError("user_not_found", "There is no such user");
  };

export type LogOut = ReturnType<typeof createLogOut>;
