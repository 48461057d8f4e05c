import { logOut as contract, logOutOrder } from "../../contracts/http/tokens.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App, AppContext } from "../../platform/http/create-app.ts";
import { readOptionalJson } from "../../platform/http/read-json.ts";
import { requestHeader } from "../../platform/http/request-header.ts";
import { TOKEN_EXPIRES_HEADER, TOKEN_ID_HEADER } from "../../platform/identity/caller.ts";
import type { LogOut } from "../actions/log-out.ts";
import { MAX_BODY_BYTES } from "./json-only.ts";

export const registerLogOut = (app: App, { logOut }: { logOut: LogOut }): void => {
  app.openapi({ ...contract, request: {} }, async (c) => {
    const { caller } = c.var;
    if (caller.kind !== "user" && caller.kind !== "operator")
      throw new AppError("forbidden", "Only whoever has a token can end it");
    const { everywhere = false } = (await readOptionalJson(c, logOutOrder, MAX_BODY_BYTES)) ?? {};
    await logOut({ userId: caller.id, token: tokenOf(c), everywhere });
    return c.body(null, 204);
  });
};

// The gateway says which token it was; the token itself stays there.
const tokenOf = (c: AppContext) => {
  const tokenId = requestHeader(c, TOKEN_ID_HEADER);
  const expiresAt = new Date(Number(requestHeader(c, TOKEN_EXPIRES_HEADER)));
  if (tokenId === undefined || Number.isNaN(expiresAt.getTime()))
    throw new AppError("unauthenticated", "This service is reached through the gateway only");
  return { tokenId, expiresAt };
};
