import type { LimitActivated } from "../../contracts/events/credit-events.ts";
import { DEFAULT_CURRENCY } from "../../contracts/http/telemetry.ts";
import type { Caused } from "../../platform/messaging/cause.ts";
import type { Queryable } from "../../platform/database/connect.ts";
import { uuidv7 } from "uuidv7";
import { dead, done, retry } from "../../platform/messaging/outcome.ts";
import type { Handler, Outcome } from "../../platform/messaging/outcome.ts";
import type { Logger } from "../../platform/observability/logger.ts";
import { openLine } from "./sql/credit-lines.ts";
import type { Opening } from "./sql/credit-lines.ts";

/** Limits are in the platform's currency, to its hundredths. */
const EXPONENT = 2;

export type OpenLinesDeps = {
  sql: Queryable;
  logger: Logger;
  count: (labels: { source: "event" | "backfill"; result: Opening }) => void;
  /** Called after a commit that wrote to the outbox. */
  wakeRelay: () => void;
};

/** Opens the credit line of each limit that became active. However often it is told, there is one line an offer. */
export const openLines =
  (deps: OpenLinesDeps): Handler<Caused<LimitActivated>> =>
  async (events) => {
    const outcomes: Outcome[] = [];
    for (const event of events) outcomes.push(toOutcome(await openFor(deps, "event", event)));
    return outcomes;
  };

/** Opens the line of one limit, and says what came of it. */
export const openFor = async (
  { sql, logger, count, wakeRelay }: OpenLinesDeps,
  source: "event" | "backfill",
  { offerId, userId, creditLimit, cause }: Caused<Pick<LimitActivated, "offerId" | "userId" | "creditLimit">>,
): Promise<Opening> => {
  const result = await openLine(sql, {
    id: uuidv7(),
    offerId,
    userId,
    creditLimit,
    currency: DEFAULT_CURRENCY,
    exponent: EXPONENT,
    headers: cause?.headers ?? {},
  });
  count({ source, result });
  logger.info({ ...cause?.ids, offerId, userId, source, result }, "credit line");
  if (result === "opened") wakeRelay();
  return result;
};

const toOutcome = (result: Opening): Outcome => {
  if (result === "other_line") return dead("the person has a credit line from another offer");
  if (result === "refused") return dead("the limit is none that the currency can have");
  return result === "busy" ? retry("another opening for this person is under way", 100) : done;
};
