import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";

// The reference of every intake bench: the same framework, answering without reading the body. Nothing that can
// be left out is in it: no ids, no logs, no metrics, no broker.
const app = new Hono();
app.get("/readyz", (c) => c.json({ status: "ready" }));
app.all("*", (c) => c.json({ status: "event received" }, 202));

const server = createAdaptorServer({ fetch: app.fetch });
server.listen(Number(process.env["PORT"]), process.env["HOST"] ?? "127.0.0.1", 1_024);
process.once("SIGTERM", () => process.exit(0));
