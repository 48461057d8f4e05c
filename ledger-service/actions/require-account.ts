import type { Queryable } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Orderer } from "../domain/orderer.ts";
import { type AccountRow, readAccount } from "../sql/accounts.ts";

/**
 * An account that the orderer may see: operators all, users their own. Another's is not found, so that nobody learns
 * which ids there are.
 * @throws AppError account_not_found
 */
export const requireAccount = async (
  sql: Queryable,
  id: string,
  { owner }: Pick<Orderer, "owner">,
): Promise<AccountRow> => {
  const account = await readAccount(sql, id);
  if (account && (owner === undefined || account.owner_id === owner)) return account;
  throw new AppError("account_not_found", "There is no such account");
};
