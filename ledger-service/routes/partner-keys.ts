import { randomBytes } from "node:crypto";
import {
  createPartnerKey,
  keyOrder,
  listPartnerKeys,
  revokePartnerKey,
  rotatePartnerKey,
  rotation,
} from "../../contracts/http/partner-keys.ts";
import type { partnerScopes } from "../../contracts/http/partner-keys.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { readJson } from "../../platform/http/read-json.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { uuidv7 } from "uuidv7";
import { noPartner, requirePartner } from "../actions/require-partner.ts";
import { apiKeyFrom } from "../domain/api-key.ts";
import { insertKey, keyExists, listKeys, revokeKey, rotateKey } from "../sql/partner-keys.ts";
import type { KeyRow } from "../sql/partner-keys.ts";
import { MAX_BODY_BYTES } from "./max-body.ts";

/** For operators: partners' keys. A key's text is in one answer and nowhere else. */
export const registerPartnerKeys = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi({ ...createPartnerKey, request: { params: createPartnerKey.request.params } }, async (c) => {
    const actor = requireOperator(c.var.caller);
    const { scopes } = await readJson(c, keyOrder, MAX_BODY_BYTES);
    const { text, ...stored } = apiKeyFrom(randomBytes(32));
    const { partner_id: partnerId } = c.req.valid("param");
    const row = await insertKey(sql, { ...stored, id: uuidv7(), partnerId, actor, scopes });
    if (!row) throw noPartner();
    return c.json({ ...toKey(row), key: text }, 201, NOT_TO_BE_KEPT);
  });

  app.openapi({ ...rotatePartnerKey, request: { params: rotatePartnerKey.request.params } }, async (c) => {
    const actor = requireOperator(c.var.caller);
    const { graceSeconds } = await readJson(c, rotation, MAX_BODY_BYTES);
    const { partner_id: partnerId, key_id: oldId } = c.req.valid("param");
    const { text, ...stored } = apiKeyFrom(randomBytes(32));
    const row = await rotateKey(sql, { ...stored, id: uuidv7(), partnerId, oldId, graceSeconds, actor });
    if (row) return c.json({ ...toKey(row), key: text }, 201, NOT_TO_BE_KEPT);
    if (await keyExists(sql, partnerId, oldId))
      throw new AppError("key_not_active", "The key was revoked or rotated before, or is over");
    throw new AppError("not_found", "There is no such key");
  });

  app.openapi(listPartnerKeys, async (c) => {
    requireOperator(c.var.caller);
    const { partner_id: partnerId } = c.req.valid("param");
    await requirePartner(sql, partnerId);
    const { cursor, limit } = c.req.valid("query");
    const { items, last } = pageOf(
      await listKeys(sql, { partnerId, before: cursor, most: limit + 1 }),
      limit,
    );
    return c.json({ items: items.map(toKey), nextCursor: last?.id ?? null }, 200);
  });

  app.openapi(revokePartnerKey, async (c) => {
    requireOperator(c.var.caller);
    const { partner_id: partnerId, key_id: keyId } = c.req.valid("param");
    const row = await revokeKey(sql, partnerId, keyId);
    if (!row) throw new AppError("not_found", "There is no such key");
    return c.json(toKey(row), 200);
  });
};

const NOT_TO_BE_KEPT = { "cache-control": "no-store" };

const toKey = (row: KeyRow) => ({
  id: row.id,
  partnerId: row.partner_id,
  prefix: row.prefix,
  scopes: row.scopes as (typeof partnerScopes)[number][],
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});
