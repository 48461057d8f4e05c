import type { z } from "@hono/zod-openapi";
import type * as auth from "../../contracts/http/auth.ts";
import type * as authorizationGroups from "../../contracts/http/authorization-groups.ts";
import type * as authorizations from "../../contracts/http/authorizations.ts";
import type * as credit from "../../contracts/http/credit.ts";
import type * as creditDecisions from "../../contracts/http/credit-decisions.ts";
import type * as deadLetterReplays from "../../contracts/http/dead-letter-replays.ts";
import type * as deadLetters from "../../contracts/http/dead-letters.ts";
import type * as accountChanges from "../../contracts/http/ledger-account-changes.ts";
import type * as accounts from "../../contracts/http/ledger-accounts.ts";
import type * as balances from "../../contracts/http/ledger-balances.ts";
import type * as reconciliations from "../../contracts/http/ledger-reconciliations.ts";
import type * as siblings from "../../contracts/http/ledger-siblings.ts";
import type * as transfers from "../../contracts/http/ledger-transfers.ts";
import type * as partnerKeys from "../../contracts/http/partner-keys.ts";
import type * as partners from "../../contracts/http/partners.ts";
import type { problem } from "../../contracts/http/problem.ts";
import type * as sagas from "../../contracts/http/sagas.ts";
import type * as settlements from "../../contracts/http/settle-authorizations.ts";
import type * as tokens from "../../contracts/http/tokens.ts";

type BodyOf<Response> = Response extends { content: { "application/json": { schema: infer Schema } } }
  ? Schema extends z.ZodType
    ? z.output<Schema>
    : never
  : never;
type Bodies<Module> = {
  [Name in keyof Module]: Module[Name] extends { responses: infer Responses }
    ? BodyOf<Responses[keyof Responses]>
    : never;
}[keyof Module];

// What only some problems carry beside what all do.
type Extra = {
  available: string;
  openAmount: string;
  authorizationId: string;
  transferId: string;
  revertedByTransferId: string;
  version: number;
};

type Keys<Union> = Union extends unknown ? keyof Union : never;
type Field<Union, Key> = Union extends unknown ? (Key extends keyof Union ? Union[Key] : never) : never;
type Item<Value> = Value extends readonly (infer Each)[] ? Each : never;
type Fields<Value> = Value extends readonly unknown[] ? never : Value extends object ? Value : never;
type Read<Value> =
  | Exclude<Value, object | undefined>
  | ([Item<Value>] extends [never] ? never : Read<Item<Value>>[])
  | ([Fields<Value>] extends [never]
      ? never
      : { [Key in Keys<Fields<Value>>]: Read<Field<Fields<Value>, Key>> });

type Answers<Contracts> = Read<Contracts | z.output<typeof problem> | Extra>;

/**
 * Every field that an answer of these contracts may have, each with whatever it may be: which of them are there is for
 * the test to say.
 */
export type CreditBody = Answers<
  Bodies<typeof auth> | Bodies<typeof credit> | Bodies<typeof creditDecisions> | Bodies<typeof tokens>
>;
export type LedgerBody = Answers<
  | Bodies<typeof accounts>
  | Bodies<typeof balances>
  | Bodies<typeof accountChanges>
  | Bodies<typeof transfers>
  | Bodies<typeof authorizations>
  | Bodies<typeof settlements>
  | Bodies<typeof authorizationGroups>
  | Bodies<typeof partners>
  | Bodies<typeof partnerKeys>
  | Bodies<typeof sagas>
  | Bodies<typeof siblings>
  | Bodies<typeof reconciliations>
>;
export type DeadLetterBody = Answers<Bodies<typeof deadLetters> | Bodies<typeof deadLetterReplays>>;
