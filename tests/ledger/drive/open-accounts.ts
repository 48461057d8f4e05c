import type { Queryable } from "../../../platform/database/connect.ts";
import type { ModelAccount } from "../model/model.ts";
import { openAccount } from "../open-account.ts";

/** Opens the model's accounts, all empty, in the database. */
export const openAccounts = async (sql: Queryable, accounts: Iterable<ModelAccount>): Promise<void> => {
  for (const { id, kind, currency, exponent, owner, limit, subBalances, externalId } of accounts)
    await openAccount(sql, {
      id,
      kind,
      currency,
      exponent,
      ownerId: owner,
      creditLimit: limit,
      subBalances,
      externalId,
    });
};
