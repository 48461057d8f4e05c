import type { MiddlewareHandler } from "hono";
import type { Sql } from "../platform/database/connect.ts";
import { AppError } from "../platform/errors/app-error.ts";
import type { HttpEnv } from "../platform/http/create-app.ts";
import { PARTNER_KEY_HEADER } from "../platform/identity/caller.ts";
import { hashApiKey, looksLikeApiKey } from "./domain/api-key.ts";
import { findKeyHolder } from "./sql/partner-keys.ts";
import type { KeyHolder } from "./sql/partner-keys.ts";

// How long a key that was found is believed: what a revocation takes at most.
const BELIEVED_MS = 2_000;
const MOST = 10_000;

/**
 * Finds out which partner is calling, by the key that the gateway passed on beside no other identity. The gateway has
 * no database: it lets a key through, and here it is looked up by its hash.
 * @throws AppError invalid_api_key; forbidden where the key lacks the scope that the method needs
 */
export const identifyPartner = (sql: Sql): MiddlewareHandler<HttpEnv> => {
  const found = createKeyCache(sql);
  return async (c, next) => {
    const key = c.req.header(PARTNER_KEY_HEADER);
    if (key !== undefined && c.var.caller.kind === "anonymous") {
      const holder = looksLikeApiKey(key) ? await found(hashApiKey(key)) : undefined;
      if (!holder) throw new AppError("invalid_api_key", "The X-API-Key header holds no key that is valid");
      const reads = c.req.method === "GET" || c.req.method === "HEAD";
      const scope = reads ? "authorizations:read" : "authorizations:write";
      if (!holder.scopes.includes(scope))
        throw new AppError("forbidden", `This key lacks the scope ${scope}`);
      c.set("caller", { kind: "partner", id: holder.partnerId });
    }
    await next();
  };
};

// Only what was found is kept, so that made-up keys take no room.
const createKeyCache = (sql: Sql): ((hash: string) => Promise<KeyHolder | undefined>) => {
  const known = new Map<string, { holder: KeyHolder; until: number }>();
  return async (hash) => {
    const entry = known.get(hash);
    if (entry && entry.until > performance.now()) return entry.holder;
    known.delete(hash);
    const holder = await findKeyHolder(sql, hash);
    if (!holder) return undefined;
    if (known.size >= MOST) known.clear();
    known.set(hash, { holder, until: performance.now() + BELIEVED_MS });
    return holder;
  };
};
