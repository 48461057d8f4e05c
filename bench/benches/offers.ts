import { PAST_OFFERS, offersRequests, settlePeople } from "../analysis/people.ts";
import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { loadSide } from "../load/load-side.ts";
import { openDatabase } from "../system/connections.ts";
import { openCreditPath } from "../system/credit-path.ts";
import { openBareEntrance } from "../system/entrance.ts";

const PEOPLE = 500;

export const offers: Bench = {
  name: "offers",
  title: "The list of a person's offers through nginx and two gateways",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const { entrance, postgres, redis, credit } = await openCreditPath(lender);
    const bare = await openBareEntrance(lender, redis);
    const sql = openDatabase(postgres.url, 1);
    const ids = await settlePeople(sql, PEOPLE);
    await sql.end({ timeout: 5 });
    await generator.setPool("offers", await offersRequests(ids));

    const job = { pool: "offers", connections: plan.connections, until: { seconds: plan.seconds } };
    const warmUp = { answers: plan.pathWarmUp };
    const measured = await measureSides(context, [
      loadSide({
        name: OFFERS,
        generator,
        job: { ...job, target: entrance.url, expectedStatus: 200 },
        warmUp,
        processes: [...entrance.processes, ...credit, redis, postgres],
      }),
      loadSide({
        name: BARE,
        generator,
        job: { ...job, target: bare.url, expectedStatus: 202 },
        warmUp,
        processes: [...bare.processes, redis],
      }),
    ]);
    return {
      sides: measured.sides,
      findings: [measured.ratio("offers list ÷ the same path to bare", OFFERS, BARE, { floor: 0.4 })],
      notes: [
        `${plan.connections} connections, closed loop, as on the path of events: with 16, the bench's earlier number, a quarter of the cores had nothing to do on either side. ${PEOPLE} people with ${PAST_OFFERS} offers each, all on one page, read from the database every time.`,
      ],
    };
  },
};

const OFFERS = "offers list";
const BARE = "the same path to bare";
