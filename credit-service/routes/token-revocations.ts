import { z } from "zod";
import { listTokenRevocations, revocationOrder, revokeTokens } from "../../contracts/http/tokens.ts";
import { TOKEN_REVOCATIONS_PATH } from "../../contracts/token-revocations.ts";
import type { TokenRevocations } from "../../contracts/token-revocations.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { fieldErrors } from "../../platform/errors/field-errors.ts";
import type { App, AppContext } from "../../platform/http/create-app.ts";
import { pageOf } from "../../platform/http/page.ts";
import { readJson } from "../../platform/http/read-json.ts";
import { answerOnce } from "../../platform/idempotency/answer-once.ts";
import { tellRepeat } from "../../platform/idempotency/tell-repeat.ts";
import { requireOperator } from "../../platform/identity/authorize.ts";
import { listRevocations, revocationsSince, revokeTokensOf } from "../sql/token-revocations.ts";
import type { RevocationRow, WrittenRow } from "../sql/token-revocations.ts";
import { MAX_BODY_BYTES } from "./json-only.ts";

/** For operators: all tokens of a person end, and who ended which is kept. */
export const registerTokenRevocations = (
  app: App,
  { sql, newId }: { sql: Sql; newId: () => string },
): void => {
  const route = { ...revokeTokens, request: { headers: revokeTokens.request.headers } };
  app.openapi(route, async (c) => {
    const revokedBy = requireOperator(c.var.caller);
    const key = c.req.valid("header")["idempotency-key"];
    const { userId, reason } = await readJson(c, revocationOrder, MAX_BODY_BYTES);
    const fingerprint = ["revoke tokens", userId, reason];
    const request = { callerId: revokedBy, key, fingerprint };
    const { body, repeated } = await answerOnce(sql, request, async (tx) => {
      const row = await revokeTokensOf(tx, { id: newId(), userId, reason, revokedBy });
      if (!row) throw new AppError("user_not_found", "There is no such user");
      return { status: 201, body: JSON.stringify(toRevocation(row)) };
    });
    tellRepeat(c, repeated);
    return c.json(JSON.parse(body) as ReturnType<typeof toRevocation>, 201);
  });

  app.openapi(listTokenRevocations, async (c) => {
    requireOperator(c.var.caller);
    const { userId, cursor, limit } = c.req.valid("query");
    const rows = await listRevocations(sql, { userId, before: cursor, most: limit + 1 });
    const { items, last } = pageOf(rows, limit);
    return c.json({ items: items.map(toRevocation), nextCursor: last?.id ?? null }, 200);
  });
};

const toRevocation = (row: RevocationRow) => ({
  id: row.id,
  userId: row.user_id,
  scope: row.token_id === null ? ("user" as const) : ("token" as const),
  reason: row.reason,
  revokedBy: row.revoked_by,
  createdAt: row.created_at.toISOString(),
});

/** For gateways, which ask every second: what is in force and new since they last asked, so many at a time. */
export const registerRevocationFeed = (app: App, { sql }: { sql: Sql }): void => {
  app.get(TOKEN_REVOCATIONS_PATH, async (c) => {
    const { since = "0", after, most } = feedQuery(c);
    const rows = await revocationsSince(sql, { position: since, after: placeOf(after), most });
    const end = rows.length >= most ? rows.at(-1)?.place : null;
    const answer: TokenRevocations = {
      revocations: rows.flatMap(toEnded),
      next: rows[0]?.next ?? since,
      ...(end && { after: end }),
    };
    return c.json(answer);
  });
};

// A gateway of an earlier version asks for everything at once.
const WITHOUT_PAGES = 2 ** 31 - 1;

const query = z.object({
  since: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  after: z
    .string()
    .regex(/^\d{1,18}\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .optional(),
  most: z.coerce.number().int().min(1).max(WITHOUT_PAGES).default(WITHOUT_PAGES),
});

const feedQuery = (c: AppContext): z.output<typeof query> => {
  const result = query.safeParse(c.req.query());
  if (result.success) return result.data;
  const names = fieldErrors(result.error).map(({ pointer }) => pointer.slice(1));
  throw new AppError("invalid_query", `Malformed in the query: ${names.join(", ")}`);
};

const placeOf = (after: string | undefined): { writtenIn: string; id: string } | undefined => {
  if (after === undefined) return undefined;
  const [writtenIn = "", id = ""] = after.split(".");
  return { writtenIn, id };
};

// Where nothing is new there is one row with the position alone.
const toEnded = (row: WrittenRow): TokenRevocations["revocations"] => {
  if (row.user_id === null || row.expires_at === null) return [];
  const expiresAt = row.expires_at.getTime();
  if (row.token_id !== null) return [{ tokenId: row.token_id, expiresAt }];
  return [{ userId: row.user_id, generation: row.generation ?? 0, expiresAt }];
};
