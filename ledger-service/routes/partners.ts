import {
  changePartner,
  createPartner,
  linkPartnerUser,
  listPartnerUsers,
  listPartners as listRoute,
  partnerChange,
  partnerOrder,
  unlinkPartnerUser,
  userLink,
} from "../../contracts/http/partners.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { readJson } from "../../platform/http/read-json.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { uuidv7 } from "uuidv7";
import { noPartner, requirePartner } from "../actions/require-partner.ts";
import {
  insertPartner,
  linkedUsers,
  linkUser,
  listPartners,
  unlinkUser,
  updatePartner,
} from "../sql/partners.ts";
import type { LinkRow, PartnerRow } from "../sql/partners.ts";
import { MAX_BODY_BYTES } from "./max-body.ts";

/** For operators: who may ask for authorizations beside people themselves, and for whom. */
export const registerPartners = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi({ ...createPartner, request: {} }, async (c) => {
    requireOperator(c.var.caller);
    const { name, settlementAccountId } = await readJson(c, partnerOrder, MAX_BODY_BYTES);
    const row = await insertPartner(sql, { id: uuidv7(), name, settlementAccountId });
    if (!row) throw noSettlement();
    return c.json(toPartner(row), 201);
  });

  app.openapi({ ...changePartner, request: { params: changePartner.request.params } }, async (c) => {
    requireOperator(c.var.caller);
    const change = await readJson(c, partnerChange, MAX_BODY_BYTES);
    const { partner_id: id } = c.req.valid("param");
    const row = await updatePartner(sql, id, change);
    if (!row) {
      await requirePartner(sql, id);
      throw noSettlement();
    }
    return c.json(toPartner(row), 200);
  });

  app.openapi(listRoute, async (c) => {
    requireOperator(c.var.caller);
    const { cursor, limit } = c.req.valid("query");
    const { items, last } = pageOf(await listPartners(sql, { before: cursor, most: limit + 1 }), limit);
    return c.json({ items: items.map(toPartner), nextCursor: last?.id ?? null }, 200);
  });

  app.openapi({ ...linkPartnerUser, request: { params: linkPartnerUser.request.params } }, async (c) => {
    const actor = requireOperator(c.var.caller);
    const { userId } = await readJson(c, userLink, MAX_BODY_BYTES);
    const { partner_id: partnerId, external_user_id: externalUserId } = c.req.valid("param");
    const link = await linkUser(sql, { partnerId, externalUserId, userId, actor });
    if (!link) throw noPartner();
    if (link.user_id !== userId)
      throw new AppError("user_already_linked", "This id is another person's: unlink it first");
    return c.json(toLink(link), 200);
  });

  app.openapi(listPartnerUsers, async (c) => {
    requireOperator(c.var.caller);
    const { partner_id: partnerId } = c.req.valid("param");
    await requirePartner(sql, partnerId);
    const { cursor, limit } = c.req.valid("query");
    const { items, last } = pageOf(
      await linkedUsers(sql, { partnerId, after: cursor, most: limit + 1 }),
      limit,
    );
    return c.json({ items: items.map(toLink), nextCursor: last?.external_user_id ?? null }, 200);
  });

  app.openapi(unlinkPartnerUser, async (c) => {
    requireOperator(c.var.caller);
    const { partner_id: partnerId, external_user_id: externalUserId } = c.req.valid("param");
    await unlinkUser(sql, partnerId, externalUserId);
    return c.body(null, 204);
  });
};

const noSettlement = (): AppError =>
  new AppError("account_not_found", "There is no such account", {
    errors: [{ pointer: "/settlementAccountId", detail: "is no open account that money can go to" }],
  });

const toLink = (row: LinkRow) => ({
  externalUserId: row.external_user_id,
  userId: row.user_id,
  linkedAt: row.linked_at.toISOString(),
});

const toPartner = (row: PartnerRow) => ({
  id: row.id,
  name: row.name,
  status: row.status,
  settlementAccountId: row.settlement_account_id,
  createdAt: row.created_at.toISOString(),
});
