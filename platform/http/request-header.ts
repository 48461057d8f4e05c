import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";

/** A request's header by its name in lower case; of one that came several times as a list (Set-Cookie alone) the first. */
export const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/**
 * The same of a request that the framework hands over. On the Node server it is read where Node put it, which costs a
 * tenth of the way through the framework (measured: 1.5 µs for the seven that a telemetry request looks at).
 */
export const requestHeader = (c: Context, name: string): string | undefined => {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return incoming ? headerOf(incoming, name) : c.req.header(name);
};
