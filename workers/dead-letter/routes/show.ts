import { dryRunDeadLetter, showDeadLetter } from "../../../contracts/http/dead-letters.ts";
import type { Sql } from "../../../platform/database/connect.ts";
import type { App } from "../../../platform/http/create-app.ts";
import { currentPayload, requireLetter } from "../actions/require-letter.ts";
import { checkEvent } from "../domain/check-event.ts";
import { readIdentity } from "../domain/read-identity.ts";
import { replayedMessage } from "../domain/replayed-message.ts";
import { showPayload } from "../domain/show-payload.ts";
import { showLetter } from "../show-letter.ts";
import { readActions } from "../sql/actions.ts";
import { readLetter } from "../sql/letters.ts";
import { isStored } from "../sql/stored-events.ts";

export const registerShow = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(showDeadLetter, async (c) => {
    const letter = requireLetter(await readLetter(sql, c.req.valid("param").letter_id));
    return c.json(showLetter(letter, await readActions(sql, letter.id)), 200);
  });

  app.openapi(dryRunDeadLetter, async (c) => {
    const letter = requireLetter(await readLetter(sql, c.req.valid("param").letter_id));
    const payload = currentPayload(letter);
    const { valid, errors } = checkEvent(letter.subject, payload);
    const message = replayedMessage({ ...letter, payload });
    return c.json(
      {
        wouldPublish: letter.status === "open" && valid !== false,
        status: letter.status,
        subject: letter.subject,
        messageId: message.messageId,
        headers: Object.fromEntries(message.headers),
        payload: showPayload(payload),
        valid,
        errors,
        alreadyStored: await isStored(sql, letter.subject, readIdentity(payload)),
      },
      200,
    );
  });
};
