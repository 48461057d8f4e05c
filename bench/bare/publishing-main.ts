import { createAdaptorServer } from "@hono/node-server";
import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { Hono } from "hono";
import { parseServers } from "../../platform/messaging/server-url.ts";

// Bare with the one thing added that intake is for: the body goes to JetStream as it is, a message each, and the answer
// waits for the broker's. Nothing is looked at, gathered, logged or measured.
const nc = await connect({ ...parseServers(process.env["NATS_URL"] ?? ""), noAsyncTraces: true });
const js = jetstream(nc);
const subject = process.env["SUBJECT"] ?? "";

const app = new Hono();
app.get("/readyz", (c) => c.json({ status: "ready" }));
app.all("*", async (c) => {
  await js.publish(subject, new Uint8Array(await c.req.arrayBuffer()));
  return c.json({ status: "event received" }, 202);
});

const server = createAdaptorServer({ fetch: app.fetch });
server.listen(Number(process.env["PORT"]), process.env["HOST"] ?? "127.0.0.1", 1_024);
process.once("SIGTERM", () => process.exit(0));
