import {
  bulkReplay,
  cancelBulkReplay,
  listBulkReplays,
  showBulkReplay,
  startBulkReplay,
} from "../../../contracts/http/dead-letter-replays.ts";
import type { Queryable, Sql } from "../../../platform/database/connect.ts";
import { AppError } from "../../../platform/errors/app-error.ts";
import type { App } from "../../../platform/http/create-app.ts";
import { pageOf } from "../../../platform/http/page.ts";
import { readJson } from "../../../platform/http/read-json.ts";
import { answerOnce } from "../../../platform/idempotency/answer-once.ts";
import { tellRepeat } from "../../../platform/idempotency/tell-repeat.ts";
import { requireOperator } from "../../../platform/identity/authorize.ts";
import { uuidv7 } from "uuidv7";
import { showReplay } from "../show-letter.ts";
import { cancelReplay, insertReplay, listReplays, readReplay } from "../sql/replays.ts";
import type { ReplayRow } from "../sql/replays.ts";
import { MAX_BODY_BYTES } from "./max-body.ts";

type Deps = { sql: Sql; wakeReplays: () => void };

export const registerReplays = (app: App, { sql, wakeReplays }: Deps): void => {
  const { headers } = startBulkReplay.request;
  app.openapi({ ...startBulkReplay, request: { headers } }, async (c) => {
    const actor = requireOperator(c.var.caller);
    const wanted = await readJson(c, bulkReplay, MAX_BODY_BYTES);
    const key = c.req.valid("header")["idempotency-key"];
    const { body: id, repeated } = await answerOnce(
      sql,
      { callerId: actor, key, fingerprint: ["replay dead letters", wanted] },
      async (tx) => {
        const { filter, ratePerSecond, limit, reason } = wanted;
        const replay = await insertReplay(tx, { id: uuidv7(), actor, filter, reason, ratePerSecond, limit });
        return { status: 202, body: replay.id };
      },
    );
    tellRepeat(c, repeated);
    wakeReplays();
    return c.json(showReplay(await requireReplay(sql, id)), 202);
  });

  app.openapi(listBulkReplays, async (c) => {
    const { status, cursor, limit } = c.req.valid("query");
    const { items, last } = pageOf(
      await listReplays(sql, { status, after: cursor, limit: limit + 1 }),
      limit,
    );
    return c.json({ items: items.map(showReplay), nextCursor: last?.id ?? null }, 200);
  });

  app.openapi(showBulkReplay, async (c) =>
    c.json(showReplay(await requireReplay(sql, c.req.valid("param").replay_id)), 200),
  );

  app.openapi(cancelBulkReplay, async (c) => {
    const callerId = requireOperator(c.var.caller);
    const { replay_id: id } = c.req.valid("param");
    const key = c.req.valid("header")["idempotency-key"];
    const request = { callerId, key, fingerprint: ["cancel replay", id] };
    const { repeated } = await answerOnce(sql, request, async (tx) => {
      await cancelReplay(tx, id);
      return { status: 200, body: "" };
    });
    tellRepeat(c, repeated);
    return c.json(showReplay(await requireReplay(sql, id)), 200);
  });
};

const requireReplay = async (sql: Queryable, id: string): Promise<ReplayRow> => {
  const replay = await readReplay(sql, id);
  if (replay) return replay;
  throw new AppError("not_found", "There is no such replay");
};
