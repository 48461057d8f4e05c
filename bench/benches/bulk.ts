import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { acknowledgedSide, committedSide, publishedSide } from "../bulk/sides.ts";
import type { BulkSurroundings } from "../bulk/sides.ts";
import { bulkRequests } from "../load/bulk-requests.ts";
import { withoutNumber } from "../load/load-side.ts";
import { peakMemory } from "../measure/memory.ts";
import { openBroker, openDatabase } from "../system/connections.ts";
import { openEntrance } from "../system/entrance.ts";
import { startIngestion } from "../system/ingestion.ts";
import { secrets } from "../system/secrets.ts";
import { openServers } from "../system/servers.ts";

const EVENTS_PER_REQUEST = 500;
const DISTINCT_REQUESTS = 64;
const FLOORS = { acknowledged: 150_000, committed: 60_000 };

export const bulk: Bench = {
  name: "bulk",
  title: `Bulk intake: NDJSON, ${EVENTS_PER_REQUEST} events a request, through nginx and two gateways`,
  run: async (context) => {
    const { plan, lender, generator } = context;
    const { postgres, nats, redis } = await openServers(lender);
    const ingestion = await startIngestion(lender, nats, 2);
    // The other upstreams get no requests here; a gateway wants an address for each.
    const entrance = await openEntrance(lender, "", redis, {
      emotionIngestion: ingestion,
      transactionIngestion: ingestion,
    });
    const headers = { "x-internal-key": secrets.INTERNAL_KEY };
    const requests = bulkRequests(DISTINCT_REQUESTS, EVENTS_PER_REQUEST, headers);
    await generator.setPool("bulk", requests);

    const broker = await openBroker(nats.url);
    const sql = openDatabase(postgres.url, 2);
    const services = [...entrance.processes, ...ingestion];
    const peaks: Record<string, number> = {};
    const at: BulkSurroundings = {
      plan,
      lender,
      generator,
      broker,
      sql,
      postgres,
      nats,
      services,
      eventsPerRequest: EVENTS_PER_REQUEST,
      notePeaks: (processes) => {
        for (const [name, mib] of Object.entries(peakMemory(processes.map(withoutNumber)))) {
          peaks[name] = Math.max(peaks[name] ?? 0, mib);
        }
      },
      job: {
        target: entrance.url,
        pool: "bulk",
        connections: plan.bulkConnections,
        expectedStatus: 202,
        expectedText: `"accepted":${EVENTS_PER_REQUEST},`,
      },
    };
    try {
      const [acknowledged, published, committed] = [
        acknowledgedSide(at),
        publishedSide(at, requests),
        committedSide(at),
      ];
      const measured = await measureSides(context, [acknowledged, published, committed]);
      at.notePeaks(services);
      const rateOf = (side: string): number => measured.summary(side).rate.median;
      return {
        sides: measured.sides,
        findings: [
          {
            label: acknowledged.name,
            value: rateOf(acknowledged.name),
            unit: "events/s",
            floor: FLOORS.acknowledged,
          },
          measured.ratio("acknowledged ÷ published directly", acknowledged.name, published.name),
          { label: committed.name, value: rateOf(committed.name), unit: "events/s", floor: FLOORS.committed },
        ],
        notes: [
          `${plan.bulkConnections} kept-alive connections, closed loop, the internal key, everything on the same cores. Every event has an id of its own and is answered for by itself; an answer counts only if the broker took all ${EVENTS_PER_REQUEST}.`,
          "Published directly: the bench process sends the same lines, as many a message, to the same broker, with nothing in between; nobody parses or checks them.",
          "Each round begins with an empty stream and with everything on the disk that earlier ones left to be written.",
          `To committed rows: the clock runs from the first of ${plan.bulkCommitted.toLocaleString("en")} requests to the last commit, with one worker; rows, identities and daily totals are then counted and must be exact.`,
          `Most memory that a process held at any time: ${Object.entries(peaks)
            .map(([name, mib]) => `${name} ${mib} MiB`)
            .join(", ")}.`,
        ],
      };
    } finally {
      await broker.close();
      await sql.end({ timeout: 5 });
    }
  },
};
