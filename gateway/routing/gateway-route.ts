import type { RouteConfig } from "@hono/zod-openapi";
import { OWNER_PARAMETER } from "../identity/check-ownership.ts";

export type UpstreamName =
  | "emotion-ingestion"
  | "transaction-ingestion"
  | "credit-service"
  | "ledger-service"
  | "dead-letter";
export type Access =
  | "public"
  | "bearer"
  | "bearer or internal key"
  | "bearer or partner key"
  | "partner key"
  | "operator";
/** Which quota a request counts against. */
export type LimitName = "default" | "auth";

export type GatewayRoute = {
  /** As the contract defines it; says also who may call, by its `security`. */
  definition: RouteConfig;
  upstream: UpstreamName;
  access: Access;
  limit: LimitName;
  /** Whether the body goes on while it comes in, instead of when it is whole. */
  streamed: boolean;
  /** A POST that has one effect however often it arrives; nginx/parts/server.conf names the same ones. */
  repeatable: boolean;
  /** Whether the service is told which token the caller came with. */
  endsToken: boolean;
};

/** A route that a service answers, by its definition. @throws Error where nobody could check who may call it */
export const to = (
  upstream: UpstreamName,
  definition: RouteConfig,
  limit: LimitName = "default",
): GatewayRoute => {
  const access = accessOf(definition);
  if (access !== "bearer" && definition.path.includes(`{${OWNER_PARAMETER}}`)) {
    throw new Error(`${definition.path} belongs to a user: it must ask for a bearer token, and nothing else`);
  }
  return { definition, upstream, access, limit, streamed: false, repeatable: false, endsToken: false };
};

export const streamed = (route: GatewayRoute): GatewayRoute => ({ ...route, streamed: true });
export const repeatable = (route: GatewayRoute): GatewayRoute => ({ ...route, repeatable: true });
export const endsToken = (route: GatewayRoute): GatewayRoute => ({ ...route, endsToken: true });

const accessOf = ({ path, security = [] }: RouteConfig): Access => {
  const schemes = security.flatMap((requirement) => Object.keys(requirement)).toSorted();
  const access = ACCESS.get(schemes.join());
  if (access) return access;
  throw new Error(`${path}: the gateway knows no way to check ${schemes.join(" and ")}`);
};

// By the security schemes of a definition, any of which is enough.
const ACCESS = new Map<string, Access>([
  ["", "public"],
  ["bearer", "bearer"],
  ["operator", "operator"],
  ["bearer,internalKey", "bearer or internal key"],
  ["bearer,partnerKey", "bearer or partner key"],
  ["partnerKey", "partner key"],
]);

/** `/v1/users/{user_id}/offers` as the router spells it: `/v1/users/:user_id/offers`. */
export const routerPath = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ":$1");
