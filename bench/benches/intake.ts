import { GATEWAY_KEY_HEADER, callerHeaders } from "../../platform/identity/caller.ts";
import { measureSides } from "../bench.ts";
import type { Bench } from "../bench.ts";
import { emotionRequests } from "../load/emotion-requests.ts";
import { loadSide } from "../load/load-side.ts";
import { migrate } from "../system/migrate.ts";
import { secrets } from "../system/secrets.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

export const intake: Bench = {
  name: "intake",
  title: "Single-event intake: one ingestion process against bare",
  run: async (context) => {
    const { plan, lender, generator } = context;
    const [postgres, nats] = await Promise.all([lender.server("postgres"), lender.server("nats")]);
    await migrate(postgres, nats);
    await lender.giveBack(postgres);
    const [ingestion, bare] = await Promise.all([
      lender.process("emotion-ingestion-1", "ingestion/main.ts", {
        INGESTION_ROLE: "emotion",
        NATS_URL: nats.url,
        GATEWAY_KEY: secrets.GATEWAY_KEY,
        STREAM_REPLICAS: "1",
      }),
      lender.process("bare-1", "bench/bare/main.ts", {}),
    ]);

    const asGateway = {
      [GATEWAY_KEY_HEADER]: secrets.GATEWAY_KEY,
      ...callerHeaders({ kind: "internal" }),
      traceparent: TRACEPARENT,
    };
    await generator.setPool("emotions", emotionRequests(plan.requests, asGateway));
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
    ]);
    return {
      sides: measured.sides,
      findings: [measured.ratio("ingestion ÷ bare", "ingestion", "bare", { floor: 0.5 })],
      notes: [
        `${plan.connections} kept-alive connections, closed loop; the same requests on both sides, without event ids.`,
        "Ingestion validates, publishes to JetStream with file storage, answers 202 after its acknowledgement, and writes one log line a request to a file; metrics are on.",
        "The broker and the load generator share the machine's cores with ingestion; beside bare there is only the generator.",
      ],
    };
  },
};
