import { authorize as decide } from "../../../ledger-service/sql/authorize.ts";
import { type Capture, captureArguments, voidArguments } from "../../../ledger-service/sql/settle-holds.ts";
import { expireHolds } from "../credit-line.ts";
import { textArray } from "../../../platform/database/array-literal.ts";
import type { Queryable } from "../../../platform/database/connect.ts";
import type { Purchase, Rules } from "../model/authorize.ts";
import type { Settlement } from "../model/settle.ts";
import { problems } from "../model/statuses.ts";
import type { Answer } from "./post.ts";

/** So that everything that was ever placed counts as lately. */
const EVER = 1_000_000_000;

/** Has the database decide on purchases. */
export const authorize = (
  sql: Queryable,
  purchases: readonly Purchase[],
  { maxAmount, count, amount }: Rules,
): Promise<Answer[]> =>
  decide(
    sql,
    purchases.map((purchase) => ({ ...purchase, ...ASKED })),
    { maxAmount, velocity: { seconds: EVER, count, amount } },
    problems,
  );

const ASKED = {
  seconds: 86_400,
  partner: null,
  external: null,
  automatic: false,
  requestId: "model",
  headers: {},
  instance: "/model",
};

export const capture = (
  sql: Queryable,
  captures: readonly Settlement[],
  atomic: boolean,
): Promise<Answer[]> => sql<Answer[]>`
  select status, body, replayed
  from ledger_capture(${captureArguments(sql, captures.map(asSent))}, atomic => ${atomic}, problems => ${problems})
  order by n`;

export const voidHolds = (
  sql: Queryable,
  voids: readonly Settlement[],
  atomic: boolean,
): Promise<Answer[]> => sql<Answer[]>`
  select status, body, replayed
  from ledger_void(${voidArguments(sql, voids.map(asSent))}, atomic => ${atomic}, problems => ${problems})
  order by n`;

const asSent = ({ hold: holdId, ...settlement }: Settlement): Capture => ({
  ...settlement,
  holdId,
  requestId: "model",
  headers: {},
  instance: "/model",
});

/** Lets holds become due, as if time had passed over them. */
export const letBecomeDue = async (sql: Queryable, ids: readonly string[]): Promise<void> => {
  await sql`
    update ledger_holds set placed_at = placed_at - interval '2 days', expires_at = placed_at - interval '1 day'
    where id = any (${textArray(ids)}::uuid[])`;
};

/** Expires everything that is due; says how many. */
export const expire = (sql: Queryable): Promise<number> => expireHolds(sql, 100_000);
