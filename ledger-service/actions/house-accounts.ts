import type { Sql } from "../../platform/database/connect.ts";
import type { Tracing } from "../../platform/observability/trace-ids.ts";
import { requireExponent } from "../domain/currencies.ts";
import { accountIdOf } from "../domain/external-account-id.ts";
import { openAccount } from "../sql/accounts.ts";

export type HouseAccounts = {
  /** The account that money of a currency comes from when it enters; made at its first use. */
  funding: (currency: string, headers: Tracing) => Promise<string>;
};

// Every opening debits it: transfers at the same time should not wait for one another. Twice the twenty sessions of two
// replicas, and room for a third.
const SUB_BALANCES = 64;

export const createHouseAccounts = (sql: Sql): HouseAccounts => {
  const known = new Map<string, string>();
  return {
    funding: async (currency, headers) => {
      const found = known.get(currency);
      if (found) return found;
      const externalId = `house:funding:${currency}`;
      const id = accountIdOf(externalId);
      const exponent = requireExponent(currency);
      const { status } = await openAccount(sql, {
        id,
        externalId,
        kind: "system",
        currency,
        exponent,
        name: `Funding in ${currency}`,
        subBalances: SUB_BALANCES,
        actor: "ledger-service",
        scope: "platform",
        instance: "",
        requestId: "",
        headers,
      });
      if (status !== 201 && status !== 409) throw new Error(`the funding account of ${currency}: ${status}`);
      known.set(currency, id);
      return id;
    },
  };
};
