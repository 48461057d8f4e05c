import { login } from "../../contracts/http/auth.ts";
import type { App } from "../../platform/http/create-app.ts";
import type { LogIn } from "../actions/log-in.ts";
import { jsonOnly } from "./json-only.ts";

export const registerLogin = (app: App, { logIn }: { logIn: LogIn }): void => {
  app.openapi({ ...login, middleware: jsonOnly }, async (c) => {
    const { email, password } = c.req.valid("json");
    const token = await logIn(email, password);
    // RFC 6749 §5.1: an answer with a token is not to be kept by anything on the way.
    return c.json({ access_token: token, token_type: "bearer" } as const, 200, {
      "cache-control": "no-store",
    });
  });
};
