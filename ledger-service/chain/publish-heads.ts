import { headers } from "@nats-io/nats-core";
import type { Logger } from "pino";
import { Gauge, type Registry } from "prom-client";
import type { ChainHead } from "../../contracts/events/chain-head.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { type Repetition, repeat } from "../../platform/lifecycle/repeat.ts";
import type { Broker } from "../../platform/messaging/connect.ts";
import { publishWithRetry } from "../../platform/messaging/publish-with-retry.ts";
import { hashesOf, lastLink, secondsSinceLinkAfter } from "../sql/chain.ts";
import { readLastHead } from "./read-heads.ts";

/** What is linked within it can be cut off unseen. */
const EVERY_MS = 10_000;

type Publisher = Pick<Broker, "js" | "jsm">;
export type HeadOutcome =
  | { readonly state: "published" | "known"; readonly head: ChainHead }
  | { readonly state: "empty" }
  /** The head that was published last is not in the chain any more. */
  | { readonly state: "lost"; readonly head: ChainHead };

/**
 * Publishes the chain's newest link, unless it was published before. Where the chain lacks the one that was published
 * last, nothing is published: what is kept stays the evidence.
 */
export const publishHead = async (sql: Sql, broker: Publisher): Promise<HeadOutcome> => {
  // Read first: the chain only grows, so what was published before is in it now.
  const published = await readLastHead(broker);
  if (published && (await hashesOf(sql, [published.link])).get(published.link) !== published.hash)
    return { state: "lost", head: published };
  const last = await lastLink(sql);
  if (!last) return { state: "empty" };
  const head = { link: last.link.toString(), hash: last.hash.toString("hex") };
  if (published?.link === head.link) return { state: "known", head };
  await publishWithRetry(broker, {
    subject: subjects.chainHead,
    body: JSON.stringify(head),
    messageId: `chain-head:${head.link}:${head.hash}`,
    headers: headers(),
  });
  return { state: "published", head };
};

type Deps = {
  readonly sql: Sql;
  readonly broker: () => Broker | undefined;
  readonly logger: Logger;
  readonly metrics: Registry;
};

/** Publishes the chain's head every ten seconds. Every replica may do it. */
export const publishHeads = ({ sql, broker, logger, metrics }: Deps): Repetition => {
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers: [metrics] });
  const unpublished = gauge(
    "ledger_chain_unpublished_seconds",
    "Age of the oldest link of the hash chain behind the head that was published last",
  );
  const lost = gauge("ledger_chain_head_lost", "1 while the chain lacks the head that was published last");
  let known: ChainHead | undefined;
  return repeat(logger, "chain heads", EVERY_MS, async () => {
    const reached = broker();
    try {
      if (!reached?.connected()) return;
      const outcome = await publishHead(sql, reached);
      lost.set(outcome.state === "lost" ? 1 : 0);
      if (outcome.state === "empty") return;
      known = outcome.head;
      if (outcome.state === "lost") logger.error(known, "the hash chain lacks a head that was published");
      if (outcome.state === "published") logger.info(known, "chain head published");
    } finally {
      if (known) unpublished.set(await secondsSinceLinkAfter(sql, known.link));
    }
  });
};
