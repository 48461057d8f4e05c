import { GATEWAY_KEY_HEADER, callerHeaders } from "../../platform/identity/caller.ts";
import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { BARE_SUBJECT, addScratchStream, rawPublishSide } from "../intake/raw-publish.ts";
import { emotionRequests } from "../load/emotion-requests.ts";
import { loadSide } from "../load/load-side.ts";
import { openBroker } from "../system/connections.ts";
import { startIngestionReplica } from "../system/ingestion.ts";
import { migrate } from "../system/migrate.ts";
import { secrets } from "../system/secrets.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

export const intake: Bench = {
  name: "intake",
  title: "Single-event intake: one ingestion process against bare, bare that publishes, and JetStream alone",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const [postgres, nats] = await Promise.all([lender.postgres(), lender.server("nats")]);
    await migrate(postgres, nats);
    await lender.giveBack(postgres);
    const broker = await openBroker(nats.url);
    await addScratchStream(broker);
    const [ingestion, bare, publishing] = await Promise.all([
      startIngestionReplica(lender, nats, 1),
      lender.process("bare-1", "bench/bare/main.ts", {}),
      lender.process("publishing-bare-1", "bench/bare/publishing-main.ts", {
        NATS_URL: nats.url,
        SUBJECT: BARE_SUBJECT,
      }),
    ]);

    const asGateway = {
      [GATEWAY_KEY_HEADER]: secrets.GATEWAY_KEY,
      ...callerHeaders({ kind: "internal" }),
      traceparent: TRACEPARENT,
    };
    const requests = emotionRequests(plan.requests, asGateway);
    await generator.setPool("emotions", requests);
    const bodies = requests.map(({ body = "" }) => body);
    const job = {
      pool: "emotions",
      connections: plan.connections,
      until: { seconds: plan.seconds },
      expectedStatus: 202,
    };
    const warmUp = { seconds: plan.warmUpSeconds };
    const measured = await measureSides(context, [
      loadSide({
        name: "ingestion",
        generator,
        job: { ...job, target: ingestion.url },
        warmUp,
        processes: [ingestion, nats],
      }),
      loadSide({ name: "bare", generator, job: { ...job, target: bare.url }, warmUp, processes: [bare] }),
      loadSide({
        name: PUBLISHING,
        generator,
        job: { ...job, target: publishing.url },
        warmUp,
        processes: [publishing, nats],
      }),
      rawPublishSide(RAW, broker, nats, bodies),
    ]);
    await broker.close();
    return {
      sides: measured.sides,
      findings: [
        measured.ratio("ingestion ÷ bare", "ingestion", "bare", { floor: 0.5 }),
        measured.ratio("ingestion ÷ bare that publishes", "ingestion", PUBLISHING),
        measured.ratio("ingestion ÷ JetStream alone", "ingestion", RAW),
      ],
      notes: [
        `${plan.connections} kept-alive connections, closed loop; the same requests on both sides, without event ids.`,
        "Ingestion validates, publishes to JetStream with file storage, answers 202 after its acknowledgement, and writes one log line a request to a file; metrics are on.",
        "Bare that publishes sends each body to the same kind of stream as a message of its own and answers after its acknowledgement, without looking at it. JetStream alone: the bench process publishes the same bodies, thousands under way, with no HTTP in between.",
        "The broker and the load generator share the machine's cores with ingestion; beside bare there is only the generator.",
      ],
    };
  },
};

const PUBLISHING = "bare that publishes to JetStream";
const RAW = "JetStream alone: publish";
