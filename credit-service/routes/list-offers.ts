import { listOffers } from "../../contracts/http/credit.ts";
import type { Sql } from "../../platform/database/connect.ts";
import type { App } from "../../platform/http/create-app.ts";
import { requireReader } from "../../platform/identity/authorize.ts";
import { readOffersPage } from "../sql/offers-page.ts";

export const registerListOffers = (app: App, { sql }: { sql: Sql }): void => {
  app.openapi(listOffers, async (c) => {
    const { user_id: userId } = c.req.valid("param");
    requireReader(c.var.caller, userId);
    const { page, page_size } = c.req.valid("query");
    const { total, items } = await readOffersPage(sql, { userId, page, pageSize: page_size });
    return c.json(
      {
        total,
        page,
        page_size,
        items: items.map((offer) => ({
          offer_id: offer.id,
          status: offer.status,
          credit_limit: Number(offer.credit_limit),
          interest_rate: Number(offer.interest_rate),
          created_at: offer.created_at.toISOString(),
          expires_at: offer.expires_at.toISOString(),
        })),
      },
      200,
    );
  });
};
