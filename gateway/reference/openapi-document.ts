import { OpenAPIHono } from "@hono/zod-openapi";
import type { RouteConfig } from "@hono/zod-openapi";
import { problem } from "../../contracts/http/problem.ts";
import { errorCodes } from "../../platform/errors/error-codes.ts";

const DESCRIPTION = `Turns two streams about a person, how they feel and how they spend, into credit they can use.

Register, log in, send telemetry, ask for an analysis, accept the offer.

A token is for its own subject only: another user's id in a path or a body is 403.
Every error is \`application/problem+json\` (RFC 9457) with a stable \`code\`; \`/problems/{code}\` explains each.
429 and 503 carry \`Retry-After\`. Every answer carries \`X-Request-ID\`, the client's own if it sent one.`;

const TAGS = [
  { name: "Identity", description: "Accounts and tokens" },
  { name: "Telemetry", description: "Emotions and transactions; 202 means stored by the broker" },
  { name: "Credit", description: "Analysis, offers, acceptance, notifications" },
  {
    name: "Ledger",
    description: "Accounts and transfers; every POST that moves money takes an Idempotency-Key",
  },
  {
    name: "Authorizations",
    description: "Purchases on a credit line: approved or declined, captured, voided",
  },
  { name: "Partners", description: "For operators: who may authorize for people, and with which keys" },
  { name: "Sagas", description: "For operators: authorizations on their way to the ledger" },
  { name: "Dead letters", description: "For operators: events that could not be processed" },
];

/** The public API, from the very definitions that services validate with. */
export const buildOpenapiDocument = (definitions: RouteConfig[]) => {
  const { openAPIRegistry, getOpenAPI31Document } = bindDocument();
  openAPIRegistry.register("Problem", problem);
  openAPIRegistry.registerComponent("securitySchemes", "bearer", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "From POST /v1/auth/login",
  });
  openAPIRegistry.registerComponent("securitySchemes", "operator", {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "The token of an account whose role is operator; a person's own is 403",
  });
  openAPIRegistry.registerComponent("securitySchemes", "partnerKey", {
    type: "apiKey",
    in: "header",
    name: "X-API-Key",
    description: "A partner's key, from an operator; it decides even beside a token",
  });
  openAPIRegistry.registerComponent("securitySchemes", "internalKey", {
    type: "apiKey",
    in: "header",
    name: "X-Internal-Key",
    description: "For trusted backends, on telemetry only; a wrong key is refused even beside a good token",
  });
  for (const definition of definitions) openAPIRegistry.registerPath(complete(definition));
  return getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Empathic Credit System", version: "1.0.0", description: DESCRIPTION },
    servers: [{ url: "/", description: "Where this document was served" }],
    tags: TAGS,
  });
};

const bindDocument = () => {
  const app = new OpenAPIHono();
  return {
    openAPIRegistry: app.openAPIRegistry,
    getOpenAPI31Document: app.getOpenAPI31Document.bind(app),
  };
};

// What the gateway can answer to any request that it passes on.
const GATEWAY_ANSWERS = [500, 502, 503, 504] as const;

const complete = (definition: RouteConfig): RouteConfig => {
  const own = definition.responses;
  const added = GATEWAY_ANSWERS.filter((status) => !(status in own)).map((status) => [
    status,
    { description: titleOf(status), content: { "application/problem+json": { schema: problem } } },
  ]);
  return {
    ...definition,
    operationId: definition.operationId ?? operationIdOf(definition),
    // An empty list says that the route is open; leaving it out would say nothing.
    security: definition.security ?? [],
    responses: { ...own, ...(Object.fromEntries(added) as RouteConfig["responses"]) },
  };
};

const titleOf = (status: number): string =>
  Object.values(errorCodes).find((kind) => kind.status === status)?.title ?? "Error";

const operationIdOf = ({ method, path }: RouteConfig): string =>
  [method, ...path.split(/[^A-Za-z0-9]+/).filter((part) => part && part !== "v1")].join("-");
