import type { HttpBindings } from "@hono/node-server";
import type { App } from "../platform/http/create-app.ts";

/** On every answer but a probe's, whoever made it: nothing may be guessed, framed, or told to another site. */
export const addSecurityHeaders = (app: App): void => {
  app.use((c, next) => {
    // Set on Node's answer itself: touching the Response's own headers would cost more than all the rest.
    const { outgoing } = c.env as Partial<HttpBindings>;
    outgoing?.setHeader("x-content-type-options", "nosniff");
    outgoing?.setHeader("x-frame-options", "DENY");
    outgoing?.setHeader("referrer-policy", "no-referrer");
    return next();
  });
};
