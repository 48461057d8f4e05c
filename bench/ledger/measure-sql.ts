import type { Sql } from "../../platform/database/connect.ts";
import { measureSides } from "../bench.ts";
import type { Context } from "../bench.ts";
import type { Lent } from "../system/lender.ts";
import { openCallers } from "./callers.ts";
import { CLIENTS } from "./clients.ts";
import type { Pgbench } from "./pgbench.ts";
import { BULK, bulk, hold, hot, single } from "./scripts.ts";
import { settle } from "./settle.ts";

export type SqlSurroundings = {
  readonly postgres: Lent;
  readonly administrator: Sql;
  readonly pgbench: Pgbench;
};

/** With no service beside it that would link what is posted into the hash chain meanwhile. */
export const measureSql = async (context: Context, { postgres, administrator, pgbench }: SqlSurroundings) => {
  const { pgbenchSeconds: seconds } = context.plan;
  const callers = openCallers({
    postgres,
    callers: CLIENTS,
    seconds,
    settle: () => settle(administrator),
  });
  const measured = await measureSides(context, [
    pgbench.side(TPCB),
    callers.posting(GATHERED),
    callers.hold(GATHERED_HOLD),
    callers.hot(GATHERED_HOT),
    pgbench.side(SINGLE, single),
    pgbench.side(HOLD, hold),
    pgbench.side(HOT, hot),
    pgbench.side(IN_BULK, bulk, { each: BULK }),
    pgbench.side(ofOne(TPCB), undefined, { clients: 1 }),
    pgbench.side(ofOne(SINGLE), single, { clients: 1 }),
    pgbench.side(ofOne(HOLD), hold, { clients: 1 }),
    pgbench.side(ofOne(HOT), hot, { clients: 1 }),
  ]);
  await callers.stop();
  const against = (label: string, side: string, floor: number, reference = TPCB) =>
    measured.ratio(`${label} ÷ TPC-B`, side, reference, { floor });
  return {
    sides: measured.sides,
    findings: [
      against(`posting with key and event, ${CLIENTS} callers gathered`, GATHERED, 1.3),
      against(`hold, ${CLIENTS} callers gathered`, GATHERED_HOLD, 1.8),
      against(`out of one hot account, ${CLIENTS} callers gathered`, GATHERED_HOT, 1),
      against("posting with key and event, one client", ofOne(SINGLE), 1.3, ofOne(TPCB)),
      against("hold, one client", ofOne(HOLD), 1.8, ofOne(TPCB)),
      against("out of one hot account, one client", ofOne(HOT), 1, ofOne(TPCB)),
      against(`posting with key and event, ${CLIENTS} sessions, a commit each`, SINGLE, 1.3),
      against(`hold, ${CLIENTS} sessions, a commit each`, HOLD, 1.8),
      against(`out of one hot account, ${CLIENTS} sessions, a commit each`, HOT, 1),
      against(`${BULK} a commit`, IN_BULK, 3),
    ],
  };
};

const ofOne = (side: string): string => `${side}, 1 client`;

const TPCB = "pgbench TPC-B";
const GATHERED = "posting, callers gathered";
const GATHERED_HOLD = "hold, callers gathered";
const GATHERED_HOT = "hot account, callers gathered";
const SINGLE = "posting in SQL";
const HOLD = "hold in SQL";
const HOT = "hot account in SQL";
const IN_BULK = `bulk of ${BULK} in SQL`;
