import { once } from "node:events";
import { createServer, request } from "node:http";
import type { ClientRequest, IncomingMessage, RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { until } from "../../tests/harness/until.ts";
import { INTERNAL_KEY, NOBODY, startGateway } from "../gateway.fixture.ts";

const BATCH = "/v1/emotions/batch";

/** A real service that sees each request as it begins. */
const startService = async (listener: RequestListener) => {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

const begin = (url: string, headers: Record<string, string> = {}): ClientRequest => {
  const asked = request(url + BATCH, {
    method: "POST",
    headers: { "x-internal-key": INTERNAL_KEY, "content-type": "application/x-ndjson", ...headers },
  });
  asked.on("error", () => {});
  return asked;
};

const answerOf = async (asked: ClientRequest) => {
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
};

const echo: RequestListener = (incoming, response) =>
  void text(incoming).then(
    (body) => response.writeHead(202).end(String(body.length)),
    () => response.destroy(),
  );

test("a batch goes on while it comes in, byte for byte, with its length where it was told", async () => {
  const seen = { length: undefined as string | undefined, body: "" };
  await using service = await startService((incoming, response) => {
    seen.length = incoming.headers["content-length"];
    seen.body = "";
    incoming.on("data", (chunk: Buffer) => (seen.body += chunk.toString()));
    incoming.on("end", () => response.writeHead(202).end("{}"));
  });
  await using gateway = await startGateway([service.url]);
  for (const headers of [{}, { "content-length": "20" }] as Record<string, string>[]) {
    const asked = begin(gateway.url, headers);
    asked.write('{"not": json\n');
    await until(() => seen.body === '{"not": json\n');
    asked.end("é😀\n");
    expect((await answerOf(asked)).status).toBe(202);
    expect(seen).toEqual({ length: headers["content-length"], body: '{"not": json\né😀\n' });
  }
});

test("a batch moves on to another replica when the first cannot be reached", async () => {
  await using service = await startService(echo);
  await using gateway = await startGateway([NOBODY, service.url]);
  for (let n = 0; n < 4; n++) {
    const asked = begin(gateway.url);
    asked.end("x".repeat(300_000));
    expect(await answerOf(asked)).toMatchObject({ status: 202, body: "300000" });
  }
});

test("an answer that comes before the body's end reaches the client, and ends the connection", async () => {
  await using service = await startService((incoming, response) => {
    response.writeHead(413).end('{"code":"body_too_large"}');
    incoming.on("error", () => {}).resume();
  });
  await using gateway = await startGateway([service.url]);
  for (const size of [1_000, 5_000_000]) {
    const asked = begin(gateway.url);
    asked.write("x".repeat(size));
    expect(await answerOf(asked)).toMatchObject({ status: 413, headers: { connection: "close" } });
    asked.destroy();
  }
});

test("a body that stops arriving, takes too long in all or is too large is told so", async () => {
  await using service = await startService(echo);
  await using idle = await startGateway([service.url], { BODY_IDLE_MS: "100" });
  const stopped = begin(idle.url);
  stopped.write("{");
  expect(await answerOf(stopped)).toMatchObject({ status: 408 });

  await using slow = await startGateway([service.url], { BODY_TOTAL_MS: "300" });
  const dripping = begin(slow.url);
  const drip = setInterval(() => dripping.write("{"), 20);
  expect(await answerOf(dripping)).toMatchObject({ status: 408 });
  clearInterval(drip);

  await using patient = await startGateway([service.url]);
  const large = begin(patient.url, { "content-length": "100000000" });
  large.write("{");
  expect(await answerOf(large)).toMatchObject({ status: 413 });
  const unannounced = begin(patient.url);
  unannounced.write("x".repeat(17 * 1_024 * 1_024));
  expect(await answerOf(unannounced)).toMatchObject({ status: 413 });
  for (const asked of [stopped, dripping, large, unannounced]) asked.destroy();
});

test("a service that does not read holds the client back, not the gateway's memory, and blames nobody else", async () => {
  await using service = await startService(() => {});
  await using gateway = await startGateway([service.url], { BODY_IDLE_MS: "400", BODY_TOTAL_MS: "1500" });
  const asked = begin(gateway.url);
  let taken = 0;
  const chunk = Buffer.alloc(65_536, "x");
  const more = (): void => {
    while (taken < 15_000_000) {
      taken += chunk.length;
      if (!asked.write(chunk)) return;
    }
  };
  asked.on("drain", more);
  more();
  const answered = answerOf(asked);
  await sleep(600);
  expect(taken).toBeLessThan(15_000_000);
  expect(await answered).toMatchObject({ status: 504 });
  asked.destroy();
});
