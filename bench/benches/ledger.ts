import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "../../platform/database/connect.ts";
import { callerHeaders, GATEWAY_KEY_HEADER } from "../../platform/identity/caller.ts";
import { measureSides } from "../bench.ts";
import type { Bench, Context, Measured, WarmSide } from "../bench.ts";
import { openCallers } from "../ledger/callers.ts";
import { openPgbench } from "../ledger/pgbench.ts";
import type { Pgbench } from "../ledger/pgbench.ts";
import { BULK_REQUEST, bulkTransferRequests, transferRequests } from "../ledger/requests.ts";
import { settle } from "../ledger/settle.ts";
import { accounts, BULK, bulk, hold, hot, PARTS, single, WALLETS } from "../ledger/scripts.ts";
import { untilLinked } from "../ledger/until-linked.ts";
import { loadSide, measureLoad } from "../load/load-side.ts";
import { spreadOf } from "../measure/statistics.ts";
import { accessToken } from "../system/access-token.ts";
import { openDatabase } from "../system/connections.ts";
import { openLedgerPath } from "../system/ledger-path.ts";
import { secrets } from "../system/secrets.ts";
import { openServers } from "../system/servers.ts";
import type { Servers } from "../system/servers.ts";

const SCALE = 50;
const CLIENTS = 32;
// So many that a request that is due seldom waits for one.
const OPEN_CONNECTIONS = 256;

export const ledger: Bench = {
  name: "ledger",
  title: "Money: posting, holds and bulk against pgbench's TPC-B on the same server",
  run: async (context) => {
    const servers = await openServers(context.lender);
    const { postgres } = servers;
    const folder = await mkdtemp(join(tmpdir(), "ecs-pgbench-"));
    const sql = openDatabase(postgres.url, 1);
    const administrator = openDatabase(postgres.administratorUrl, 1);
    try {
      const seconds = context.plan.pgbenchSeconds;
      const pgbench = openPgbench({ postgres, administrator, folder, clients: CLIENTS, seconds });
      await pgbench.initialise(SCALE);
      await sql.unsafe(accounts);
      await sql.unsafe("analyze");
      const inSql = await measureSql(context, servers, { administrator, pgbench });
      const overHttp = await measureHttp(context, servers, pgbench, sql);
      return {
        sides: [...inSql.sides, ...overHttp.sides],
        findings: [...inSql.findings, ...overHttp.findings],
        notes: NOTES,
      };
    } finally {
      await Promise.all([sql, administrator].map((connection) => connection.end({ timeout: 5 })));
      await rm(folder, { recursive: true, force: true });
    }
  },
};

type Clients = { readonly administrator: Sql; readonly pgbench: Pgbench };
type Path = Awaited<ReturnType<typeof openLedgerPath>>;

/** With no service beside it that would link what is posted into the hash chain meanwhile. */
const measureSql = async (context: Context, { postgres }: Servers, { administrator, pgbench }: Clients) => {
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

/** The service links what it posts into the hash chain meanwhile; TPC-B waits until that is done. */
const measureHttp = async (context: Context, servers: Servers, pgbench: Pgbench, sql: Sql) => {
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

const NOTES = [
  `pgbench's TPC-B (-s ${SCALE} -M prepared) and everything else run on the same server with \`npm start\`'s settings, fsync on, ${CLIENTS} clients, callers or connections each unless told otherwise, in turn, each round in SQL with all tables vacuumed and after a checkpoint. TPC-B is seven round trips and one row of history; a posting is one call that writes a transfer with its two entries, the answer under its key and an event. A hold has the velocity rule and the limits that the service starts with; the hot account has ${PARTS} parts.`,
  `"Gathered" are ${CLIENTS} callers in one process, each with one operation under way, by the service's own group commit and without HTTP: one connection, on which the next batch is sent while one is under way, an outcome for each. "A commit each" is one call of the same functions from each of pgbench's sessions, which the service does when nobody else is there; on few cores it is nearly all PostgreSQL's setting up of statements, in caches that so many sessions push each other out of. With one client nobody waits for anybody: round trips and flushes are what is compared.`,
  `What is measured in SQL has no service beside it, since TPC-B has nothing like the hash chain, which the service makes after the fact; what is measured over HTTP is linked meanwhile, at its own expense, and has rounds of TPC-B of its own.`,
  `${WALLETS.toLocaleString("en")} accounts unless told otherwise. One replica of ledger-service, without nginx and gateway where it says "at the service"; one connection for transfers. pgbench, the load generator, the service and the server share the machine's cores.`,
];

const TPCB = "pgbench TPC-B";
const TPCB_BESIDE = "pgbench TPC-B beside the service";
const GATHERED = "posting, callers gathered";
const GATHERED_HOLD = "hold, callers gathered";
const GATHERED_HOT = "hot account, callers gathered";
const SINGLE = "posting in SQL";
const HOLD = "hold in SQL";
const HOT = "hot account in SQL";
const IN_BULK = `bulk of ${BULK} in SQL`;
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
