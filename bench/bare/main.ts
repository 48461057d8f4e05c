import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { TOKEN_REVOCATIONS_PATH } from "../../contracts/token-revocations.ts";

// The reference of every intake bench: the same framework, answering without reading the body. Nothing that can
// be left out is in it: no ids, no logs, no metrics, no broker.
const app = new Hono();
app.get("/readyz", (c) => c.json({ status: "ready" }));
// What a gateway in front asks credit-service every second.
app.get(TOKEN_REVOCATIONS_PATH, (c) => c.json({ revocations: [], next: "0" }));
app.all("*", (c) => c.json({ status: "event received" }, 202));

const server = createAdaptorServer({ fetch: app.fetch });
server.listen(Number(process.env["PORT"]), process.env["HOST"] ?? "127.0.0.1", 1_024);
process.once("SIGTERM", () => process.exit(0));
