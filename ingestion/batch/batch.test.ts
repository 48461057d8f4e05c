import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from "node:zlib";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { emotionEvent } from "../../contracts/events/emotion-event.ts";
import { BATCH_LIMITS } from "../../contracts/http/telemetry-batches.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { createHealth } from "../../platform/http/health.ts";
import { serveHttp } from "../../platform/http/serve.ts";
import type { Bundle } from "../../platform/messaging/line-publisher.ts";
import { until } from "../../tests/harness/until.ts";
import { createApp } from "../app.ts";

const KEY = "k".repeat(40);
const NDJSON = "application/x-ndjson";

type Result = { id: string | null; status: string; code?: string; pointer?: string };
type Answer = {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: { code?: string; results: Result[] } & Record<string, unknown>;
};

/** A real intake whose broker does as it is told. */
const startIntake = async (publishBundle?: (bundle: Bundle) => Promise<void>) => {
  const lines: string[] = [];
  const bundles: number[] = [];
  const { app } = createApp(
    { GATEWAY_KEY: KEY, INGESTION_ROLE: "emotion" },
    {
      logger: pino({ level: "silent" }),
      metrics: new Registry(),
      health: createHealth(),
      commits: { expect: () => expect.unreachable("nobody waits for the database") },
      now: Date.now,
      publisher: {
        publish: () => Promise.resolve(),
        publishBundle: async (_subject, bundle) => {
          const store = async (): Promise<void> => {
            await publishBundle?.(bundle);
            bundles.push(bundle.lines);
            lines.push(...Buffer.from(bundle.body).toString().split("\n"));
          };
          return Promise.resolve({ stored: store() });
        },
      },
    },
  );
  const server = await serveHttp(app, { host: "127.0.0.1", port: 0, drainMs: 0 });
  const begin = (headers: Record<string, string> = {}) =>
    request(`${server.url}/v1/emotions/batch`, {
      method: "POST",
      headers: { "x-gateway-key": KEY, "x-caller-kind": "internal", "content-type": NDJSON, ...headers },
    });
  const finish = async (asked: ReturnType<typeof begin>): Promise<Answer> => {
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    const body = JSON.parse(await text(response)) as Answer["body"];
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  };
  const send = (body: string | Buffer, headers?: Record<string, string>): Promise<Answer> => {
    const asked = begin(headers);
    asked.end(body);
    return finish(asked);
  };
  return { lines, bundles, begin, finish, send, [Symbol.asyncDispose]: server.stop };
};

const emotion = (eventId: string | undefined, over: object = {}) => ({
  userId: "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c",
  timestamp: new Date().toISOString(),
  emotionEvent: { type: "joy", metrics: { positivity: 0.5, intensity: 1, stress_level: 0 } },
  ...(eventId !== undefined && { eventId }),
  ...over,
});
const brotli = (body: Buffer): Buffer =>
  brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
const ndjson = (events: unknown[]): string => events.map((event) => JSON.stringify(event)).join("\n");
const many = (count: number): object[] => Array.from({ length: count }, (_, index) => emotion(`e-${index}`));

test("one result for each event, in their order; a bad one hinders no other", async () => {
  await using it = await startIntake();
  const large = emotion("large", { more: "x".repeat(BATCH_LIMITS.eventBytes) });
  const events = [
    emotion("a"),
    emotion("b", { userId: "42" }),
    emotion("a", { timestamp: "2001-01-01T00:00:00Z" }),
    emotion("a"),
    large,
    emotion("old", { timestamp: "2001-01-01T00:00:00Z" }),
    "text",
    emotion('q"\\é😀'),
  ];
  const expected = [
    { id: "a", status: "accepted" },
    { id: "b", status: "rejected", code: "validation_failed", pointer: "/1/userId" },
    { id: "a", status: "rejected", code: "event_too_old", pointer: "/2/timestamp" },
    { id: "a", status: "duplicate" },
    { id: null, status: "rejected", code: "body_too_large", pointer: "/4" },
    { id: "old", status: "rejected", code: "event_too_old", pointer: "/5/timestamp" },
    { id: null, status: "rejected", code: "validation_failed", pointer: "/6" },
    { id: 'q"\\é😀', status: "accepted" },
  ];
  for (const [body, type] of [
    [ndjson(events), NDJSON],
    [JSON.stringify(events), "application/json; charset=utf-8"],
  ] as const) {
    const { status, body: answer } = await it.send(body, { "content-type": type, "x-request-id": "r-1" });
    expect(status).toBe(202);
    expect(answer).toMatchObject({ traceId: "r-1", accepted: 2, duplicate: 1, rejected: 5, retry: 0 });
    expect(answer.results).toHaveLength(expected.length);
    expect(answer.results).toMatchObject(expected);
    const published = it.lines.splice(0).map((line) => emotionEvent.parse(JSON.parse(line)));
    expect(published).toMatchObject([
      { eventId: "a", traceId: "r-1" },
      { eventId: 'q"\\é😀', traceId: "r-1" },
    ]);
  }
});

const nested = (levels: number): string => `${"[".repeat(levels)}${"]".repeat(levels)}`;
const holding = (eventId: string, levels: number): string =>
  JSON.stringify(emotion(eventId)).replace(/}$/, `,"more":${nested(levels)},"text":"]]]\\"[[["}`);

test("an event that is nested too deep is refused alone, and never parsed", async () => {
  await using it = await startIntake();
  const most = BATCH_LIMITS.depth;
  const events = [holding("a", most - 1), holding("deep", most), nested(5_000), holding("b", 1)];
  const refused = { id: null, status: "rejected", code: "validation_failed" };
  for (const [body, type] of [
    [events.join("\n"), NDJSON],
    [` [${events.join(" ,\n")}] `, "application/json"],
  ] as const) {
    const answer = await it.send(body, { "content-type": type });
    expect(answer.status).toBe(202);
    expect(answer.body.results).toMatchObject([
      { id: "a", status: "accepted" },
      { ...refused, pointer: "/1", reason: `must have at most ${most} levels of nesting` },
      { ...refused, pointer: "/2" },
      { id: "b", status: "accepted" },
    ]);
    expect(it.lines.splice(0)).toHaveLength(2);
  }
  const large = await it.send(`[${nested(1_000_000)}]`, { "content-type": "application/json" });
  expect(large.body).toMatchObject({ rejected: 1, results: [{ code: "validation_failed" }] });
});

test("of a small body that bursts little is unpacked, and blank lines have their limit too", async () => {
  await using it = await startIntake();
  const bomb = brotli(Buffer.alloc(2 * 1_024 * 1_024, "x"));
  const burst = await it.send(bomb, { "content-encoding": "br" });
  expect(burst).toMatchObject({ status: 413, body: { code: "body_too_large" } });
  expect(burst.body["detail"]).toBe(`The body may become at most ${BATCH_LIMITS.inflation} times as large`);
  const event = JSON.stringify(emotion("a"));
  const blank = await it.send(
    `${event}\n${"\r\n\n".repeat(BATCH_LIMITS.events)}${JSON.stringify(emotion("b"))}`,
  );
  expect(blank).toMatchObject({ status: 413, body: { accepted: 1 } });
  expect(blank.body["detail"]).toBe(`The body may hold at most ${BATCH_LIMITS.events} blank lines`);
  const spaced = await it.send(`${event}\n${"\n".repeat(BATCH_LIMITS.events)}`);
  expect(spaced).toMatchObject({ status: 202, body: { accepted: 1 } });
});

test("a zstd window above the 8 MiB of RFC 9659 is refused", async () => {
  await using it = await startIntake();
  const body = Buffer.concat([Buffer.from(ndjson(many(1_000))), Buffer.alloc(9 * 1_024 * 1_024, "x")]);
  const packed = zstdCompressSync(body, { params: { [constants.ZSTD_c_windowLog]: 24 } });
  const answer = await it.send(packed, { "content-encoding": "zstd" });
  expect(answer).toMatchObject({ status: 400, body: { code: "bad_request" } });
  expect(answer.body["detail"]).toContain("zstd window");
});

test("lines that are no JSON or no UTF-8 are refused one by one, and blank ones are none", async () => {
  await using it = await startIntake();
  const good = Buffer.from(JSON.stringify(emotion("good")));
  const bad = Buffer.from([0x7b, 0xff, 0x7d]);
  const line = Buffer.from("\r\n");
  const { body } = await it.send(Buffer.concat([line, bad, line, Buffer.from("{"), line, line, good]));
  expect(body.results).toMatchObject([
    { id: null, code: "malformed_json", pointer: "/0" },
    { id: null, code: "malformed_json", pointer: "/1" },
    { id: "good", status: "accepted" },
  ]);
});

test.each([
  ["gzip", gzipSync],
  ["br", brotli],
  ["zstd", zstdCompressSync],
] as const)(
  "a body in %s is taken, and one that is cut off or bursts is told",
  async (encoding, compress) => {
    await using it = await startIntake();
    const headers = { "content-encoding": encoding };
    const packed = compress(Buffer.from(ndjson(many(1_000))));
    expect((await it.send(packed, headers)).body).toMatchObject({ accepted: 1_000 });
    const cut = await it.send(packed.subarray(0, packed.length - 20), headers);
    expect(cut).toMatchObject({ status: 400, body: { code: "bad_request" } });
    const bomb = await it.send(compress(Buffer.alloc(64 * 1_024 * 1_024, "\n")), headers);
    expect(bomb).toMatchObject({ status: 413, body: { code: "body_too_large" } });
    expect((await it.send("not compressed", headers)).status).toBe(400);
  },
);

const GOOD = JSON.stringify(emotion("good"));
test.each([
  ["an array that is cut off", "application/json", "[{}", 400, "malformed_json"],
  ["an empty array body", "application/json", "", 400, "malformed_json"],
  ["an array with a fault behind good events", "application/json", `[${GOOD},{]`, 400, "malformed_json"],
  ["an array with something behind it", "application/json", `[${GOOD}] 1`, 400, "malformed_json"],
  ["an array that ends in a comma", "application/json", `[${GOOD},]`, 400, "malformed_json"],
  ["an array that ends as an object", "application/json", `[${GOOD}}`, 400, "malformed_json"],
  ["a text that is no JSON", "application/json", "nonsense", 400, "malformed_json"],
  ["an array without events", "application/json", " [ ] ", 422, "validation_failed"],
  ["a single event", "application/json", JSON.stringify(emotion("a")), 422, "validation_failed"],
  ["an array of too many", "application/json", `[${"0,".repeat(10_000)}0]`, 413, "body_too_large"],
  ["an array too large", "application/json", `["${"x".repeat(4_194_304)}"]`, 413, "body_too_large"],
  ["lines without an event", NDJSON, "\n\n", 422, "validation_failed"],
  ["another type", "text/plain", "x", 415, "unsupported_media_type"],
])("%s is refused and changes nothing", async (_, type, body, status, code) => {
  await using it = await startIntake();
  expect(await it.send(body, { "content-type": type })).toMatchObject({ status, body: { code } });
  expect(it.lines).toEqual([]);
});

test("another coding is 415 and says which ones are taken", async () => {
  await using it = await startIntake();
  const answer = await it.send("x", { "content-encoding": "compress" });
  expect(answer).toMatchObject({ status: 415, headers: { "accept-encoding": "gzip, br, zstd" } });
});

test("a person sends only what is theirs; whoever is nobody sends nothing", async () => {
  await using it = await startIntake();
  const me = randomUUID();
  const body = ndjson([emotion("mine", { userId: me }), emotion("theirs")]);
  const answer = await it.send(body, { "x-caller-kind": "user", "x-caller-id": me });
  expect(answer.body.results).toMatchObject([
    { id: "mine", status: "accepted" },
    { id: "theirs", status: "rejected", code: "forbidden", pointer: "/1/userId" },
  ]);
  for (const headers of [
    { "x-caller-kind": "anonymous" },
    { "x-caller-kind": "operator", "x-caller-id": me },
  ]) {
    expect((await it.send(body, headers)).status).toBe(403);
  }
  expect((await it.send(body, { "x-gateway-key": "wrong" })).status).toBe(401);
  expect(it.lines).toHaveLength(1);
});

test("events are published while the body still comes in, many a message", async () => {
  await using it = await startIntake();
  const asked = it.begin();
  asked.write(`${ndjson(many(2_000))}\n`);
  await until(() => it.lines.length >= 1_500);
  asked.end(JSON.stringify(emotion("last")));
  expect((await it.finish(asked)).body).toMatchObject({ accepted: 2_001, rejected: 0 });
  expect(Math.max(...it.bundles)).toBe(256);
});

test("too many events are 413, with what became of those before", async () => {
  await using it = await startIntake();
  const { status, body } = await it.send(ndjson(many(BATCH_LIMITS.events + 1)));
  expect(status).toBe(413);
  expect(body).toMatchObject({ code: "body_too_large", accepted: BATCH_LIMITS.events });
  expect(body.results).toHaveLength(BATCH_LIMITS.events);
  expect(it.lines).toHaveLength(BATCH_LIMITS.events);
});

test("a body that stops is 408, with what became of the events before", async () => {
  await using it = await startIntake();
  const asked = it.begin();
  asked.write(`${ndjson(many(600))}\n{`);
  const { status, body } = await it.finish(asked);
  asked.destroy();
  expect(status).toBe(408);
  expect(body).toMatchObject({ code: "request_timeout", accepted: 600 });
});

test("what the broker does not take is to be sent again; 503 only when it took nothing", async () => {
  let calls = 0;
  let takes = 1;
  const broker = (): Promise<void> =>
    calls++ < takes
      ? Promise.resolve()
      : Promise.reject(new AppError("event_not_stored", "full", { retryAfter: 3 }));
  await using it = await startIntake(broker);
  const some = await it.send(ndjson(many(600)));
  expect(some.status).toBe(202);
  expect(some.headers["retry-after"]).toBe("3");
  expect(some.body).toMatchObject({ accepted: 256, retry: 344 });
  expect(some.body.results.at(-1)).toMatchObject({
    id: "e-599",
    status: "retry",
    code: "event_not_stored",
  });
  takes = 0;
  const none = await it.send(ndjson([...many(600), { bad: true }]));
  expect(none.status).toBe(503);
  expect(none.headers["retry-after"]).toBe("3");
  expect(none.body).toMatchObject({ code: "event_not_stored", accepted: 0, retry: 600, rejected: 1 });
});
