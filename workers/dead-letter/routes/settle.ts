import { discardRequest, replayRequest } from "../../../contracts/http/dead-letter-shapes.ts";
import { discardDeadLetter, replayDeadLetter } from "../../../contracts/http/dead-letters.ts";
import type { Sql } from "../../../platform/database/connect.ts";
import type { App } from "../../../platform/http/create-app.ts";
import { readJson, readOptionalJson } from "../../../platform/http/read-json.ts";
import { answerOnce } from "../../../platform/idempotency/answer-once.ts";
import { tellRepeat } from "../../../platform/idempotency/tell-repeat.ts";
import { requireOperator } from "../../../platform/identity/authorize.ts";
import { discardLetter } from "../actions/discard-letter.ts";
import { replayLetter } from "../actions/replay-letter.ts";
import type { ReplayDeps, ReplayResult } from "../actions/replay-letter.ts";
import { MAX_BODY_BYTES } from "./max-body.ts";

const { body: _replayBody, ...replayParts } = replayDeadLetter.request;
const { body: _discardBody, ...discardParts } = discardDeadLetter.request;

export const registerSettle = (app: App, { sql, broker }: ReplayDeps & { sql: Sql }): void => {
  app.openapi({ ...replayDeadLetter, request: replayParts }, async (c) => {
    const actor = requireOperator(c.var.caller);
    const { reason } = (await readOptionalJson(c, replayRequest, MAX_BODY_BYTES)) ?? {};
    const { letter_id: letterId } = c.req.valid("param");
    const key = c.req.valid("header")["idempotency-key"];
    const { body, repeated } = await answerOnce(
      sql,
      { callerId: actor, key, fingerprint: ["replay dead letter", letterId, reason] },
      async (tx) => {
        const result = await replayLetter({ broker }, tx, { letterId, actor, reason });
        return { status: 200, body: JSON.stringify(result) };
      },
    );
    tellRepeat(c, repeated);
    return c.json({ id: letterId, ...(JSON.parse(body) as ReplayResult) }, 200);
  });

  app.openapi({ ...discardDeadLetter, request: discardParts }, async (c) => {
    const actor = requireOperator(c.var.caller);
    const { reason } = await readJson(c, discardRequest, MAX_BODY_BYTES);
    const { letter_id: letterId } = c.req.valid("param");
    const key = c.req.valid("header")["idempotency-key"];
    const { repeated } = await answerOnce(
      sql,
      { callerId: actor, key, fingerprint: ["discard dead letter", letterId, reason] },
      async (tx) => {
        await discardLetter(tx, { letterId, actor, reason });
        return { status: 200, body: "" };
      },
    );
    tellRepeat(c, repeated);
    return c.json({ id: letterId, status: "discarded" as const }, 200);
  });
};
