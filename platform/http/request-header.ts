import type { HttpBindings } from "@hono/node-server";
import type { AppContext } from "./create-app.ts";

/**
 * A request header by its name in lower case. On the Node server read where Node put it, which costs a tenth of the
 * way through the framework (measured: 1.5 µs for the seven that a telemetry request looks at).
 */
export const requestHeader = (c: AppContext, name: string): string | undefined => {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return incoming ? (incoming.headers[name] as string | undefined) : c.req.header(name);
};
