import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type FakeModel = AsyncDisposable & {
  readonly url: string;
  /** What was asked so far. */
  readonly asked: unknown[];
  /** From now on it answers so. */
  answer: (status: number, body: unknown, delayMs?: number) => void;
  score: (riskScore: number, delayMs?: number) => void;
};

/** A risk model whose answers the test decides. */
export const startFakeModel = async (): Promise<FakeModel> => {
  const asked: unknown[] = [];
  let next = { status: 500, body: "" as unknown, delayMs: 0 };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      asked.push(JSON.parse(Buffer.concat(chunks).toString()));
      const { status, body, delayMs } = next;
      setTimeout(() => {
        response.writeHead(status, { "content-type": "application/json" });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      }, delayMs);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const model: FakeModel = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (status, body, delayMs = 0) => {
      next = { status, body, delayMs };
    },
    score: (riskScore, delayMs = 0) =>
      model.answer(
        200,
        { risk_score: riskScore, model_version: "test-1", contributions: { stress: 0.5 } },
        delayMs,
      ),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  model.score(0.25);
  return model;
};
