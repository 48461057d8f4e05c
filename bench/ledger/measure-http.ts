import type { Sql } from "../../platform/database/connect.ts";
import { callerHeaders, GATEWAY_KEY_HEADER } from "../../platform/identity/caller.ts";
import { measureSides } from "../bench.ts";
import type { Context, Measured, WarmSide } from "../bench.ts";
import { loadSide, measureLoad } from "../load/load-side.ts";
import { spreadOf } from "../measure/statistics.ts";
import { accessToken } from "../system/access-token.ts";
import { openLedgerPath } from "../system/ledger-path.ts";
import { secrets } from "../system/secrets.ts";
import type { Servers } from "../system/servers.ts";
import { CLIENTS } from "./clients.ts";
import type { Pgbench } from "./pgbench.ts";
import { BULK_REQUEST, bulkTransferRequests, transferRequests } from "./requests.ts";
import { WALLETS } from "./scripts.ts";
import { untilLinked } from "./until-linked.ts";

type Path = Awaited<ReturnType<typeof openLedgerPath>>;

// So many that a request that is due seldom waits for one.
const OPEN_CONNECTIONS = 256;

/** The service links what it posts into the hash chain meanwhile; TPC-B waits until that is done. */
export const measureHttp = async (context: Context, servers: Servers, pgbench: Pgbench, sql: Sql) => {
  const path = await openLedgerPath(context.lender, servers);
  await untilLinked(sql);
  const measured = await measureSides(context, [
    { ...pgbench.side(TPCB_BESIDE), prepare: () => untilLinked(sql) },
    ...(await httpSides(context, path)),
  ]);
  const against = (label: string, side: string, bound = {}) =>
    measured.ratio(`${label} ÷ TPC-B`, side, TPCB_BESIDE, bound);
  const findings = [
    against("HTTP single, at the service", AT_SERVICE, { floor: 0.8 }),
    against("HTTP single, through nginx and gateways", THROUGH_NGINX),
    against(`HTTP bulk of ${BULK_REQUEST}, at the service`, HTTP_BULK, { floor: 2 }),
    measured.ratio("on 10 accounts ÷ on 50 accounts, HTTP at the service", ON_10, ON_50, { floor: 0.75 }),
    await tailAt70(context, path, measured, sql),
  ];
  return { sides: measured.sides, findings };
};

const TPCB_BESIDE = "pgbench TPC-B beside the service";
const AT_SERVICE = "HTTP single at the service";
const THROUGH_NGINX = "HTTP single through nginx";
const HTTP_BULK = `HTTP bulk of ${BULK_REQUEST}`;
const ON_10 = "HTTP single on 10 accounts";
const ON_50 = "HTTP single on 50 accounts";

const OPERATOR = { kind: "operator", id: "00000000-0000-4000-8000-0000000000ff" } as const;

const httpSides = async ({ plan, generator }: Context, path: Path): Promise<WarmSide[]> => {
  const inside = { [GATEWAY_KEY_HEADER]: secrets.GATEWAY_KEY, ...callerHeaders(OPERATOR) };
  const outside = { authorization: `Bearer ${await accessToken(OPERATOR.id, OPERATOR.kind)}` };
  const setPool = (pool: string, wallets: number, headers: Record<string, string>) =>
    generator.setPool(pool, transferRequests(pool, wallets, headers));
  await setPool("transfers", WALLETS, inside);
  await setPool("transfers outside", WALLETS, outside);
  await setPool("transfers on 10", 10, inside);
  await setPool("transfers on 50", 50, inside);
  await generator.setPool("bulk", bulkTransferRequests(WALLETS, inside));
  const at = (name: string, pool: string, target = path.ledger.url): WarmSide =>
    loadSide({
      name,
      generator,
      job: { pool, target, connections: CLIENTS, until: { seconds: plan.seconds }, expectedStatus: 201 },
      warmUp: { seconds: plan.warmUpSeconds },
      processes: [path.ledger, path.postgres, ...(target === path.ledger.url ? [] : path.entrance.processes)],
    });
  const bulked = at(HTTP_BULK, "bulk");
  return [
    at(AT_SERVICE, "transfers"),
    at(THROUGH_NGINX, "transfers outside", path.entrance.url),
    {
      ...bulked,
      unit: "transfers",
      measure: async (round) => {
        const sample = await bulked.measure(round);
        return { ...sample, count: sample.count * BULK_REQUEST };
      },
    },
    at(ON_10, "transfers on 10"),
    at(ON_50, "transfers on 50"),
  ];
};

/** How long single transfers take when the service has 70 % of what it can do; the median of as many rounds. */
const tailAt70 = async (
  { plan, generator }: Context,
  { ledger: service, postgres }: Path,
  measured: Measured,
  sql: Sql,
) => {
  const rate = Math.round(measured.summary(AT_SERVICE).rate.median * 0.7);
  const tails: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    await untilLinked(sql);
    const { p99Ms } = await measureLoad({
      name: "HTTP single at 70 %",
      generator,
      job: {
        pool: "transfers",
        target: service.url,
        connections: OPEN_CONNECTIONS,
        rate,
        seconds: Math.max(3, plan.seconds),
        expectedStatus: 201,
      },
      processes: [service, postgres],
    });
    tails.push(p99Ms ?? Number.NaN);
  }
  const perRound = spreadOf(tails);
  return {
    label: `p99 of HTTP single at 70 % load (${rate.toLocaleString("en")}/s, open loop)`,
    value: perRound.median,
    unit: "ms" as const,
    perRound,
  };
};
