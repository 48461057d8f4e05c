import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { SLOW_MS, startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";
import { until } from "./until.ts";

let echo: Server;
let proxy: TcpProxy;
let client: Socket;
let received: string;
beforeEach(async () => {
  echo = createServer((socket) => void socket.pipe(socket).on("error", () => {})).listen(0, "127.0.0.1");
  await once(echo, "listening");
  proxy = await startTcpProxy((echo.address() as { port: number }).port);
  client = dial();
  received = "";
  client.setEncoding("utf8").on("data", (text: string) => (received += text));
});
afterEach(async () => {
  client.destroy();
  await proxy[Symbol.asyncDispose]();
  await new Promise((closed) => echo.close(closed));
});

const dial = (): Socket => connect({ port: proxy.port, host: "127.0.0.1" }).on("error", () => {});
// `once` would fail on the reset that comes first.
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => void socket.once("close", () => resolve()));
const echoed = (text: string): Promise<boolean> =>
  until(() => received === text, { what: `echo of ${text}` });

it("an open link passes everything on, both ways, and its end too", async () => {
  const large = "x".repeat(1 << 20);
  client.write(large);
  await echoed(large);
  client.end();
  await closed(client);
});

it("a cut link breaks what is there and refuses what comes, until it is open again", async () => {
  client.write("a");
  await echoed("a");
  proxy.set("cut");
  await closed(client);
  const refused = dial();
  await closed(refused);
  proxy.set("open");
  const again = dial();
  again.write("b");
  const [answer] = (await once(again, "data")) as [Buffer];
  expect(answer.toString()).toBe("b");
  again.destroy();
});

it("a silent link holds everything back and breaks nothing; what was held arrives later, in order", async () => {
  client.write("a");
  await echoed("a");
  proxy.set("silent");
  client.write("b");
  client.write("c");
  const late = dial();
  late.write("d");
  let early = false;
  late.once("data", () => (early = true));
  // Nothing can be waited for: what must not come is given a while to come.
  await until(() => false, { within: 150 }).catch(() => {});
  expect({ received, early, open: !client.destroyed }).toEqual({ received: "a", early: false, open: true });
  proxy.set("open");
  await echoed("abc");
  await until(() => early, { what: "what the second connection was held back" });
  late.destroy();
});

it("a slow link is late by its delay each way", async () => {
  proxy.set("slow");
  const began = performance.now();
  client.write("a");
  await echoed("a");
  expect(performance.now() - began).toBeGreaterThan(2 * SLOW_MS - 10);
});

it("when nobody listens behind it, it closes what comes", async () => {
  client.write("a");
  await echoed("a");
  echo.close();
  const orphan = dial();
  await closed(orphan);
});

it("a link that is aimed anew breaks what is there and leads what comes to the other server", async () => {
  const other = createServer((socket) => void socket.end("the other")).listen(0, "127.0.0.1");
  await once(other, "listening");
  try {
    client.write("a");
    await echoed("a");
    const broken = closed(client);
    proxy.aim((other.address() as { port: number }).port);
    await broken;
    client = dial();
    received = "";
    client.setEncoding("utf8").on("data", (text: string) => (received += text));
    await echoed("the other");
  } finally {
    other.close();
  }
});
