import { parseArgs } from "node:util";
import { streams } from "../../contracts/streams.ts";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { closeDatabase, connectDatabase } from "../../platform/database/connect.ts";
import { connectBroker } from "../../platform/messaging/connect.ts";
import { createLogger } from "../../platform/observability/logger.ts";
import { messageOf } from "../../platform/errors/message-of.ts";
import { readHeads } from "../chain/read-heads.ts";
import { verifyChain } from "../chain/verify-chain.ts";
import { verifyHeads } from "../chain/verify-heads.ts";
import { configSchema } from "./config.ts";
import { brokenRules, describeChain, describeFindings, describeHeads, describeVerdict } from "./describe.ts";
import { readPublished } from "./read-published.ts";
import { verifyLedger } from "./verify-ledger.ts";

const HELP = `npm run ledger:verify

Replays the whole ledger in one snapshot, while it may go on, and says which rule is broken where. Changes nothing.
DATABASE_URL and NATS_URL are those of the stack that runs here, if not given; without a broker it is not looked
whether every event was announced, nor whether the hash chain still has the heads that were published. The chain is
computed anew with LEDGER_CHAIN_KEY, over every transfer, hold, decline, change of an account and operator's action.

  --forget-heads   after a restore that is known: forget the heads that were published, so that those of the chain as it
                   is now are

Exit code: 0 every rule holds; 1 one is broken, or it could not be looked; 2 wrong options.`;

const NAME = "ledger-verify";
/** Reading is ended by ending the process. */
const NEVER = new AbortController().signal;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const logger = createLogger({ PROCESS_NAME: NAME, LOG_LEVEL: "silent" });

const verify = async (): Promise<number> => {
  const config = parseConfig(configSchema);
  // A rule over millions of rows may take minutes.
  const sql = connectDatabase(
    { url: config.DATABASE_URL, name: NAME, max: 1, statementTimeoutMs: 0 },
    logger,
  );
  const broker = config.NATS_URL
    ? await connectBroker({ url: config.NATS_URL, name: NAME }, logger)
    : undefined;
  try {
    const findings = await verifyLedger(sql, broker && { readPublished: () => readPublished(broker, NEVER) });
    say(describeFindings(findings));
    const published = broker && (await readHeads(broker, NEVER));
    const heads = published && (await verifyHeads(sql, published));
    const chain = await verifyChain(sql, config.LEDGER_CHAIN_KEY);
    say(describeChain(chain, config.LEDGER_CHAIN_KEY !== undefined));
    say(describeHeads(heads));
    const [chains, kept] = [chain.broken, heads?.broken ?? []].map(({ length }) => Math.min(length, 1));
    const broken = brokenRules(findings).length + chains! + kept!;
    say(describeVerdict(broken));
    return broken === 0 ? 0 : 1;
  } finally {
    await broker?.close();
    await closeDatabase(sql);
  }
};

const forgetHeads = async (): Promise<number> => {
  const { NATS_URL } = parseConfig(configSchema);
  if (!NATS_URL) throw new Error("NATS_URL is not given");
  const broker = await connectBroker({ url: NATS_URL, name: NAME }, logger);
  try {
    const { purged } = await broker.jsm.streams.purge(streams.LEDGER_CHAIN.name);
    say(`${purged} heads are forgotten. A ledger-service publishes the chain's within ten seconds.`);
    return 0;
  } finally {
    await broker.close();
  }
};

const main = async (): Promise<number> => {
  try {
    const { values } = parseArgs({
      options: { help: { type: "boolean", short: "h" }, "forget-heads": { type: "boolean" } },
    });
    if (values["forget-heads"]) return await forgetHeads();
    if (!values.help) return await verify();
    say(HELP);
    return 0;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return error instanceof TypeError ? 2 : 1;
  }
};

const code = await main();
// A connection that is still being tried would keep the process alive.
process.stdout.write("", () => process.exit(code));
