import { hash } from "node:crypto";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError, type FieldError } from "../../platform/errors/app-error.ts";
import type { Answer } from "../commit/group-commit.ts";
import { type BulkOrder, postBulk } from "../sql/post-transfers.ts";

export type Bulk = (order: BulkOrder) => Promise<Answer>;

/**
 * Posts many transfers under one key.
 * @throws AppError validation_failed where two items share a key or a reference, or one has the batch's own key
 */
export const createBulk =
  ({ sql, wakeRelay }: { sql: Sql; wakeRelay: () => void }): Bulk =>
  async (bulk) => {
    const errors = [
      ...bulk.orders.flatMap(({ key }, index) =>
        key === bulk.key
          ? [{ pointer: `/transfers/${index}/idempotencyKey`, detail: "is that of the batch" }]
          : [],
      ),
      ...repeated(bulk.orders, "idempotencyKey", ({ key }) => key),
      ...repeated(bulk.orders, "referenceId", ({ type, reference }) => reference && `${type} ${reference}`),
    ];
    if (errors.length > 0)
      throw new AppError("validation_failed", "The body breaks a rule: see errors", { errors });
    const orders = bulk.orders.map((order) => ({
      ...order,
      ...(order.key !== undefined && { hash: itemHash(order) }),
    }));
    const answer = await postBulk(sql, { ...bulk, orders });
    wakeRelay();
    return answer;
  };

type Order = BulkOrder["orders"][number];

const itemHash = ({
  id: _id,
  requestId: _requestId,
  instance: _instance,
  key: _key,
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
