import type { Socket } from "node:net";
import { open } from "./lane.ts";
import { summariseLatencies } from "./latencies.ts";
import { parseResponse } from "./response-parser.ts";
import type { LoadJob, LoadResult, RequestText } from "./protocol.ts";
import { createStamper } from "./stamper.ts";

/** Requests ready to be written, and which one comes next. */
export type Pool = {
  readonly requests: readonly Buffer[];
  next: number;
  readonly stamp: (request: Buffer) => Buffer;
};

export const createPool = (requests: readonly RequestText[]): Pool => ({
  requests: requests.map(encodeRequest),
  next: 0,
  stamp: createStamper(),
});

/** Requests are taken in turn, and again from the first on. */
export const nextRequest = (pool: Pool): Buffer => {
  const request = pool.requests[pool.next];
  if (!request) throw new Error("a pool needs at least one request");
  pool.next = (pool.next + 1) % pool.requests.length;
  return pool.stamp(request);
};

const encodeRequest = ({ method, path, headers, body = "" }: RequestText): Buffer => {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = method === "POST" ? `content-length: ${Buffer.byteLength(body)}\r\n` : "";
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${lines.join("")}${length}\r\n${body}`,
  );
};

/**
 * Plain sockets, whole requests written at once, answers looked at only as far as their end and status: a client
 * library would cost more than the server it measures.
 */
export const runClosedLoop = async (job: LoadJob, pool: Pool): Promise<LoadResult> => {
  const latencies: number[] = [];
  const unexpected: Record<string, number> = {};
  const answersWanted = "answers" in job.until ? job.until.answers : Number.POSITIVE_INFINITY;
  let sent = 0;
  let stopped = false;

  const take = (): Buffer | undefined => {
    if (stopped || sent >= answersWanted) return undefined;
    sent++;
    return nextRequest(pool);
  };
  const record = (outcome: number | string, ms: number): void => {
    if (stopped) return;
    if (outcome === job.expectedStatus) latencies.push(ms);
    else unexpected[outcome] = (unexpected[outcome] ?? 0) + 1;
  };

  const sockets = await Promise.all(Array.from({ length: job.connections }, () => open(job.target)));
  const started = performance.now();
  if ("seconds" in job.until) setTimeout(() => (stopped = true), job.until.seconds * 1_000);
  const outcomeOf = (status: number, answer: Buffer): number | string => {
    if (job.expectedText === undefined || status !== job.expectedStatus) return status;
    return answer.includes(job.expectedText) ? status : `${status} without ${job.expectedText}`;
  };
  await Promise.all(sockets.map((socket) => drive(socket, job.target, { take, record, outcomeOf })));
  const seconds = "seconds" in job.until ? job.until.seconds : (performance.now() - started) / 1_000;

  return { ...summariseLatencies(latencies), seconds, unexpected };
};

type Loop = {
  take: () => Buffer | undefined;
  record: (outcome: number | string, ms: number) => void;
  outcomeOf: (status: number, answer: Buffer) => number | string;
};

// A connection that ends is replaced; a run of failures ends by the job's own limits, for each one is counted.
const drive = async (first: Socket, target: string, loop: Loop): Promise<void> => {
  let socket = first;
  while (await untilClosed(socket, loop)) socket = await open(target);
};

/** Resolves with true when the server closed the connection and there may be more to send. */
const untilClosed = (socket: Socket, { take, record, outcomeOf }: Loop): Promise<boolean> =>
  new Promise((resolve) => {
    let received: Buffer | undefined;
    let sentAt = 0;
    let waiting = false;

    const send = (): void => {
      const request = take();
      waiting = request !== undefined;
      if (!request) {
        resolve(false);
        socket.destroy();
        return;
      }
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on("data", (chunk: Buffer) => {
      received = received ? Buffer.concat([received, chunk]) : chunk;
      const answer = parseResponse(received);
      if (!answer.complete) return;
      const outcome = outcomeOf(answer.status, received);
      record(outcome, performance.now() - sentAt);
      received = undefined;
      waiting = false;
      if (answer.closes) socket.destroy();
      else send();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (waiting) record("connection lost", performance.now() - sentAt);
      resolve(true);
    });
    send();
  });
