import type { Dispatcher } from "undici";

export type ModelAnswer = { status: number; text: string };

export type Post = {
  answer: Promise<ModelAnswer>;
  /** Makes it fail with this error, if it is still under way. */
  cancel: (error: Error) => void;
};

/**
 * Sends a body and collects the answer. On undici's dispatcher itself: its `request`, with a stream for the answer and
 * an abort signal, took 0.1 ms more of an analysis.
 */
export const post = (
  dispatcher: Dispatcher,
  to: { origin: URL; path: string },
  headers: Record<string, string>,
  body: string,
): Post => {
  const { promise, resolve, reject } = Promise.withResolvers<ModelAnswer>();
  const chunks: Buffer[] = [];
  let status = 0;
  let controller: Dispatcher.DispatchController | undefined;
  let cancelled: Error | undefined;

  dispatcher.dispatch(
    { ...to, method: "POST", headers, body },
    {
      onRequestStart: (started) => {
        controller = started;
        if (cancelled) started.abort(cancelled);
      },
      onResponseStart: (_controller, code) => void (status = code),
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => resolve({ status, text: Buffer.concat(chunks).toString() }),
      onResponseError: (_controller, error) => reject(error),
    },
  );
  return {
    answer: promise,
    cancel: (error) => {
      cancelled = error;
      // It may still be waiting for a connection.
      reject(error);
      controller?.abort(error);
    },
  };
};
