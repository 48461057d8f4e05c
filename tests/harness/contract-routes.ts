import { readdir } from "node:fs/promises";
import type { RouteConfig } from "@hono/zod-openapi";

const CONTRACTS = new URL("../../contracts/http/", import.meta.url);

/** Every route that `contracts/http/` defines, whatever the gateway knows of it. */
export const contractRoutes = async (): Promise<RouteConfig[]> => {
  const names = (await readdir(CONTRACTS)).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  const modules = await Promise.all(names.map((name) => import(new URL(name, CONTRACTS).href)));
  return modules.flatMap((module: object) => Object.values(module)).filter(isRoute);
};

const isRoute = (exported: unknown): exported is RouteConfig =>
  typeof exported === "object" &&
  exported !== null &&
  "path" in exported &&
  "method" in exported &&
  "responses" in exported;
