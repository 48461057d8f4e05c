import type { IncomingHttpHeaders } from "node:http";
import type { Transform } from "node:stream";
import type { Dispatcher } from "undici";
import type { Replica } from "./replica.ts";

export type OutgoingRequest = {
  method: Dispatcher.HttpMethod;
  /** Path and query. */
  path: string;
  headers: string[];
  /** Whole, or passed on while it comes in. */
  body: Buffer | Transform | undefined;
  /** Has one effect however often it arrives, though its method does not say so. */
  repeatable: boolean;
};

export type Answer = { kind: "answer"; status: number; headers: IncomingHttpHeaders; body: Buffer };
/** `sent`: the service may have got something of the request, and may have acted on it. */
export type Failure = { kind: "failure"; sent: boolean; error: Error };

const MAX_ANSWER_BYTES = 8 * 1_024 * 1_024;

export class AnswerTooLarge extends Error {}

/** One attempt at one replica. Resolves always; `cancel` makes it fail with the given error at once. */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly outcome: Promise<Answer | Failure>;
  readonly #replica: Replica;
  readonly #resolve: (outcome: Answer | Failure) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(replica: Replica, request: OutgoingRequest) {
    const { promise, resolve } = Promise.withResolvers<Answer | Failure>();
    this.outcome = promise;
    this.#resolve = resolve;
    this.#replica = replica;
    replica.inFlight++;
    const { method, path, headers, body = null } = request;
    replica.pool.dispatch({ method, path, headers, body }, this);
  }

  cancel(error: Error): void {
    this.#fail(error);
    this.#controller?.abort(error);
  }

  // Called when the request is about to be written to a connection: before it, nothing has been sent.
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error("cancelled while waiting for a connection"));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > MAX_ANSWER_BYTES) return controller.abort(new AnswerTooLarge("the answer is too large"));
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#size);
    this.#settle({ kind: "answer", status: this.#status, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #fail(error: Error): void {
    this.#settle({ kind: "failure", sent: this.#controller !== undefined, error });
  }

  #settle(outcome: Answer | Failure): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#replica.inFlight--;
    this.#resolve(outcome);
  }
}
