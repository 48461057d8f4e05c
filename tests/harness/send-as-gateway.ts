import type { App } from "../../platform/http/create-app.ts";
import { type Caller, callerHeaders, GATEWAY_KEY_HEADER } from "../../platform/identity/caller.ts";

export const TEST_GATEWAY_KEY = "a-gateway-key-that-only-tests-use-000";

/** `raw` is sent as it is, `body` as JSON. */
export type SendOptions = {
  caller?: Caller;
  body?: unknown;
  headers?: Record<string, string>;
  raw?: string | Buffer;
};
/** `text` is the body's very bytes. */
export type Answer<Body> = { status: number; headers: Headers; body: Body; text: string };
export type Send<Body, Options = SendOptions> = (
  method: string,
  path: string,
  options?: Options,
) => Promise<Answer<Body>>;

/** Sends requests to a service in this process as the gateway passes them on, of `caller` unless they say otherwise. */
export const sendAsGateway =
  <Body>(app: Pick<App, "request">, caller: Caller): Send<Body> =>
  async (method, path, options = {}) => {
    const { body, raw = body === undefined ? undefined : JSON.stringify(body), headers = {} } = options;
    const response = await app.request(path, {
      method,
      headers: {
        [GATEWAY_KEY_HEADER]: TEST_GATEWAY_KEY,
        ...callerHeaders(options.caller ?? caller),
        ...(raw !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(raw !== undefined && { body: raw }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text && JSON.parse(text)) as Body,
      text,
    };
  };
