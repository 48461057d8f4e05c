import { hash } from "node:crypto";
import type { Sql } from "../../platform/database/connect.ts";
import type { FieldError } from "../../platform/errors/app-error.ts";
import { invalidBody } from "../../platform/errors/invalid-body.ts";
import type { Answer } from "../sql/answer.ts";
import { createTurns } from "../commit/turns.ts";
import { type BulkOrder, postBulk } from "../sql/post-transfers.ts";

/** `owner`: the person who sends it; undefined for operators. */
export type Bulk = (order: BulkOrder & { owner: string | undefined }) => Promise<Answer>;

/** Of the replica's ten connections. */
const AT_ONCE = 4;
/** One of a thousand transfers takes up to half a second: what waits longer than the gateway does is in vain. */
const MOST_WAITING = 8;

/**
 * Posts many transfers under one key. One person's go one after the other, so that nobody else waits for them.
 * @throws AppError validation_failed where two items share a key or a reference, or one has the batch's own key;
 * rate_limited where too many of the person's wait
 */
export const createBulk = ({ sql, wakeRelay }: { sql: Sql; wakeRelay: () => void }): Bulk => {
  const turns = createTurns({ atOnce: AT_ONCE, mostWaiting: MOST_WAITING });
  return async ({ owner, ...bulk }) => {
    const errors = [
      ...bulk.orders.flatMap(({ key }, index) =>
        key === bulk.key
          ? [{ pointer: `/transfers/${index}/idempotencyKey`, detail: "is that of the batch" }]
          : [],
      ),
      ...repeated(bulk.orders, "idempotencyKey", ({ key }) => key),
      ...repeated(bulk.orders, "referenceId", ({ type, reference }) => reference && `${type} ${reference}`),
    ];
    if (errors.length > 0) throw invalidBody(...errors);
    const orders = bulk.orders.map((order) => ({
      ...order,
      ...(order.key !== undefined && { hash: itemHash(order) }),
    }));
    const answer = await turns.take(owner ?? null, () => postBulk(sql, { ...bulk, orders }));
    wakeRelay();
    return answer;
  };
};

type Order = BulkOrder["orders"][number];

const itemHash = ({
  id: _id,
  requestId: _requestId,
  instance: _instance,
  key: _key,
  headers: _headers,
  ...asked
}: Order): string => hash("sha256", `bulk item\n${JSON.stringify(asked)}`);

const repeated = (
  orders: readonly Order[],
  field: string,
  read: (order: Order) => string | undefined,
): FieldError[] => {
  const seen = new Set<string>();
  return orders.flatMap((order, index) => {
    const value = read(order);
    if (value === undefined) return [];
    if (seen.has(value))
      return [{ pointer: `/transfers/${index}/${field}`, detail: "is that of another item" }];
    seen.add(value);
    return [];
  });
};
