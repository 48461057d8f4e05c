import type { Sql } from "../../platform/database/connect.ts";
import type { OnProgress } from "../play/play.ts";
import type { Receipts } from "../play/receipts.ts";
import { checkAcceptances } from "./check-acceptances.ts";
import { type Finding, checkEvents } from "./check-events.ts";
import { settle } from "./settle.ts";

/** Holds the platform to everything it answered 202. @returns what it did not keep */
export const holdToReceipts = (
  sql: Sql,
  receipts: Receipts,
  { onProgress, stopping }: { onProgress: OnProgress; stopping: AbortSignal },
): Promise<Finding[]> => {
  const promised = Math.max(receipts.acknowledged() + receipts.acceptances.size, 1);
  return settle({
    stopping,
    look: async () =>
      (
        await Promise.all([
          checkEvents(sql, "emotion", receipts.owed("emotion")),
          checkEvents(sql, "transaction", receipts.owed("transaction")),
          checkAcceptances(sql, receipts.acceptances),
        ])
      ).flat(),
    onFindings: (findings) => {
      const share = Math.max(1 - findings.length / promised, 0);
      onProgress("check", share, findings.length === 0 ? "all kept" : `${findings.length} outstanding`);
    },
  });
};
