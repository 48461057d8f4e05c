import { payloadEdit } from "../../../contracts/http/dead-letter-shapes.ts";
import { editDeadLetter } from "../../../contracts/http/dead-letters.ts";
import type { Sql } from "../../../platform/database/connect.ts";
import type { App } from "../../../platform/http/create-app.ts";
import { readJson } from "../../../platform/http/read-json.ts";
import { requireOperator } from "../../../platform/identity/authorize.ts";
import { editLetter } from "../actions/edit-letter.ts";
import { requireLetter } from "../actions/require-letter.ts";
import { showLetter } from "../show-letter.ts";
import { readActions } from "../sql/actions.ts";
import { readLetter } from "../sql/letters.ts";
import { MAX_BODY_BYTES } from "./max-body.ts";

const route = { ...editDeadLetter, request: { params: editDeadLetter.request.params } };

export const registerEdit = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(route, async (c) => {
    const actor = requireOperator(c.var.caller);
    const { payload: event, reason } = await readJson(c, payloadEdit, MAX_BODY_BYTES);
    const { letter_id: letterId } = c.req.valid("param");
    await editLetter(sql, { letterId, actor, event, reason });
    const letter = requireLetter(await readLetter(sql, letterId));
    return c.json(showLetter(letter, await readActions(sql, letterId)), 200);
  });
};
