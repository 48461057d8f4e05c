import { register } from "../../contracts/http/auth.ts";
import type { App } from "../../platform/http/create-app.ts";
import type { RegisterUser } from "../actions/register-user.ts";
import { jsonOnly } from "./json-only.ts";

export const registerRegister = (app: App, { registerUser }: { registerUser: RegisterUser }): void => {
  app.openapi({ ...register, middleware: jsonOnly }, async (c) => {
    const user = await registerUser({ ...c.req.valid("json"), role: "user" });
    return c.json(
      {
        id: user.id,
        email: user.email,
        created_at: user.created_at.toISOString(),
        updated_at: user.updated_at.toISOString(),
      },
      201,
    );
  });
};
