import type { HttpBindings } from "@hono/node-server";
import type { App } from "../platform/http/create-app.ts";

export const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
} as const;

/** On every answer but a probe's, whoever made it: nothing may be guessed, framed, or told to another site. */
export const addSecurityHeaders = (app: App): void => {
  app.use((c, next) => {
    // Set on Node's answer itself: touching the Response's own headers would cost more than all the rest.
    const { outgoing } = c.env as Partial<HttpBindings>;
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) outgoing?.setHeader(name, value);
    return next();
  });
};
