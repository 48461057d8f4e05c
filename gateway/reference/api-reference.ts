import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { App, AppContext } from "../../platform/http/create-app.ts";

const ASSETS = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
} as const;

// Everything comes from here; Swagger UI sets style attributes and inline SVG images, and runs no inline script.
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "cache-control": "public, max-age=3600",
};

/** `/docs`: the API reference, tried out in place with a bearer token; `/openapi.json`: what it shows. */
export const registerApiReference = (app: App, openapiDocument: object): void => {
  const document = JSON.stringify(openapiDocument);
  app.get("/openapi.json", (c) =>
    c.body(document, 200, { "content-type": "application/json", "cache-control": "no-cache" }),
  );
  const page = ownFile("docs.html");
  const start = ownFile("docs.js");
  app.get("/docs", (c) => c.body(page, 200, { ...HEADERS, "content-type": "text/html; charset=utf-8" }));
  app.get("/docs/", (c) => c.redirect("/docs", 301));
  app.get("/docs/docs.js", (c) =>
    c.body(start, 200, { ...HEADERS, "content-type": "text/javascript; charset=utf-8" }),
  );
  const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  for (const [name, type] of Object.entries(ASSETS)) {
    const content = readFileSync(join(folder, name));
    app.get(`/docs/${name}`, (c) => c.body(content, 200, { ...HEADERS, "content-type": type }));
  }
  app.get("/", index);
};

const index = (c: AppContext): Response =>
  c.json({
    name: "Empathic Credit System",
    documentation: "/docs",
    openapi: "/openapi.json",
    problems: "/problems",
    health: "/readyz",
  });

const ownFile = (name: string): string => readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
