import { describe, expect, it } from "vitest";
import { errorCodes } from "../../platform/errors/error-codes.ts";
import { contractRoutes } from "../harness/contract-routes.ts";
import { send } from "./support/client.ts";
import { stack } from "./support/stack.ts";

type Document = {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, unknown> }>>;
  components: { securitySchemes: Record<string, unknown> };
};

const routes = await contractRoutes();

/** Every address that a page, a style sheet or a script loads. */
const assetsOf = (html: string): string[] =>
  [...html.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"/g)].flatMap(
    ([, url]) => url ?? [],
  );

describe("the documentation", () => {
  it("GET /openapi.json describes every route of the contract with its answers", async () => {
    const { status, body } = await send<Document>("GET", "/openapi.json");
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1\./);
    expect(routes.length).toBeGreaterThan(50);
    for (const { path, method, responses } of routes) {
      const described = body.paths[path]?.[method];
      expect(Object.keys(described?.responses ?? {}), `${method} ${path}`).toEqual(
        expect.arrayContaining(Object.keys(responses)),
      );
    }
    expect(Object.keys(body.components.securitySchemes).toSorted()).toEqual([
      "bearer",
      "internalKey",
      "operator",
      "partnerKey",
    ]);
  });

  it("GET /docs is a page whose every asset comes from us", async () => {
    const page = await send<string>("GET", new URL(stack().docsUrl).pathname);
    const html =
      page.status >= 300 && page.status < 400
        ? await send<string>("GET", page.headers.get("location") ?? "")
        : page;
    expect(html.status).toBe(200);
    expect(html.headers.get("content-type")).toMatch(/^text\/html/);
    const assets = assetsOf(html.body).filter((url) => !url.startsWith("data:"));
    expect(assets.length).toBeGreaterThan(0);
    for (const asset of assets) {
      const url = new URL(asset, new URL(html.path, stack().baseUrl));
      expect(url.origin).toBe(new URL(stack().baseUrl).origin);
      expect((await send("GET", url.pathname)).status, asset).toBe(200);
    }
  });

  it("the page's content security policy lets nothing in from elsewhere", async () => {
    const { headers } = await send("GET", new URL(stack().docsUrl).pathname);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/default-src '(self|none)'/);
    expect(policy).not.toMatch(/https?:|\*/);
  });

  it.each(Object.keys(errorCodes))("/problems/%s explains the code", async (code) => {
    const { status, body } = await send("GET", `/problems/${code}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ code, advice: expect.stringMatching(/\.$/) as string });
  });

  it("GET / points at the documentation", async () => {
    const { status, body } = await send("GET", "/");
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain("/docs");
  });
});
