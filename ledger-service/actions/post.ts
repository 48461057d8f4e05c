import type { Sql } from "../../platform/database/connect.ts";
import { type Answer, createGroupCommit, type GroupCommit } from "../commit/group-commit.ts";
import { postTransfers } from "../sql/post-transfers.ts";
import type { TransferOrder } from "../sql/transfer-order.ts";

export type PostDeps = { sql: Sql; wakeRelay: () => void; onBatch?: (size: number) => void; lanes?: number };

/** Single transfers, committed in groups. */
export const createPost = ({ sql, wakeRelay, onBatch, lanes }: PostDeps): GroupCommit<TransferOrder> =>
  createGroupCommit<TransferOrder>({
    run: async (orders): Promise<Answer[]> => {
      const answers = await postTransfers(sql, orders);
      wakeRelay();
      return answers;
    },
    claims: ({ scope, key, type, reference }) => [
      ...(key === undefined ? [] : [`key ${scope} ${key}`]),
      ...(reference === undefined ? [] : [`reference ${scope} ${type} ${reference}`]),
    ],
    ...(onBatch && { onBatch }),
    ...(lanes !== undefined && { lanes }),
  });
