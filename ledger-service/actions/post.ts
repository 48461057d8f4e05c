import type { Answer } from "../sql/answer.ts";
import { createGroupCommit, type GroupCommit } from "../commit/group-commit.ts";
import type { Lanes } from "../lanes.ts";
import { postTransfers } from "../sql/post-transfers.ts";
import type { TransferOrder } from "../sql/transfer-order.ts";

export type PostDeps = { lanes: Lanes; wakeRelay: () => void; onBatch?: (size: number) => void };

/** Single transfers, committed in groups. */
export const createPost = ({ lanes, wakeRelay, onBatch }: PostDeps): GroupCommit<TransferOrder> =>
  createGroupCommit<TransferOrder>({
    run: async (orders): Promise<Answer[]> => {
      const answers = await postTransfers(lanes.sql, orders);
      wakeRelay();
      return answers;
    },
    claims: ({ scope, key, type, reference }) => [
      ...(key === undefined ? [] : [`key ${scope} ${key}`]),
      ...(reference === undefined ? [] : [`reference ${scope} ${type} ${reference}`]),
    ],
    batches: lanes.batches,
    ...(onBatch && { onBatch }),
  });
