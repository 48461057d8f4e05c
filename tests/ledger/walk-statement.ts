import { showStatement } from "../../contracts/http/ledger-balances.ts";
import type { LedgerReplica } from "../harness/ledger-service.ts";

const schema = showStatement.responses[200].content["application/json"].schema;

export type StatementPage = ReturnType<typeof schema.parse>;

/** A statement's pages, as a client walks through them; `between` happens after each that has another behind it. */
export const walkStatement = async (
  ledger: LedgerReplica,
  accountId: string,
  query: string,
  between: () => Promise<void> = async () => {},
): Promise<StatementPage[]> => {
  const pages: StatementPage[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
    const { body } = await ledger.send("GET", `/v1/accounts/${accountId}/statement?${query}${after}`);
    pages.push(schema.parse(body));
    cursor = pages.at(-1)!.nextCursor;
    if (cursor !== null) await between();
  }
  return pages;
};

/** A decimal with its two places, as cents. */
export const inCents = (decimal: string): bigint => BigInt(decimal.replace(".", ""));
