import type { Sql } from "../../platform/database/connect.ts";
import { createGroupCommit } from "../commit/group-commit.ts";
import { createTurns } from "../commit/turns.ts";
import type { Answer } from "../sql/answer.ts";
import type { GroupCommit } from "../commit/group-commit.ts";
import type { Lanes } from "../lanes.ts";
import type { RiskPolicy } from "../domain/risk-policy.ts";
import { authorize } from "../sql/authorize.ts";
import type { NewAuthorization } from "../sql/authorize.ts";
import type { OperationContext } from "../sql/operation.ts";
import { problemTitles } from "../sql/problem-titles.ts";
import { capture, settleGroup, voidHolds } from "../sql/settle-holds.ts";
import type { Capture, GroupSettlement, Void } from "../sql/settle-holds.ts";

export type HoldsDeps = {
  sql: Sql;
  lanes: Record<"purchases" | "captures" | "voids", Lanes>;
  wakeRelay: () => void;
  policy: RiskPolicy;
};

export type Holds = {
  authorize: GroupCommit<NewAuthorization>["submit"];
  capture: GroupCommit<Capture>["submit"];
  void: GroupCommit<Void>["submit"];
  settleGroup: (settlement: GroupSettlement) => Promise<Answer>;
  stop: () => Promise<void>;
};

/** A group may have many holds: one caller's groups go one after the other, and leave connections to everybody else. */
const GROUPS_AT_ONCE = 2;
const MOST_WAITING = 128;

/** Purchases, captures and voids, each kind committed in groups; a group of holds has a commit to itself. */
export const createHolds = ({ sql, lanes, wakeRelay, policy }: HoldsDeps): Holds => {
  const grouped = <Operation extends Claiming>(
    kind: string,
    { sql: lane, batches }: Lanes,
    run: (sql: Sql, operations: readonly Operation[]) => Promise<Answer[]>,
  ): GroupCommit<Operation> =>
    createGroupCommit<Operation>({
      run: async (operations) => {
        const answers = await run(lane, operations);
        wakeRelay();
        return answers;
      },
      claims: ({ scope, key, reference }) => [
        ...(key === null ? [] : [`key ${scope} ${key}`]),
        ...(reference ? [`reference ${scope} ${kind} ${reference}`] : []),
      ],
      batches,
    });

  const purchases = grouped<NewAuthorization>("authorization", lanes.purchases, (sql, all) =>
    authorize(sql, all, policy, problemTitles),
  );
  const captures = grouped<Capture>("capture", lanes.captures, (sql, all) =>
    capture(sql, all, problemTitles),
  );
  const voids = grouped<Void>("void", lanes.voids, (sql, all) => voidHolds(sql, all, problemTitles));
  const groups = createTurns({ atOnce: GROUPS_AT_ONCE, mostWaiting: MOST_WAITING });
  return {
    authorize: purchases.submit,
    capture: captures.submit,
    void: voids.submit,
    settleGroup: async (settlement) => {
      const caller = settlement.scope === "platform" ? null : settlement.scope;
      const answer = await groups.take(caller, () => settleGroup(sql, settlement, problemTitles));
      wakeRelay();
      return answer;
    },
    stop: async () => {
      await Promise.all([purchases.stop(), captures.stop(), voids.stop()]);
    },
  };
};

type Claiming = Pick<OperationContext, "scope" | "key"> & { reference?: string | null };
