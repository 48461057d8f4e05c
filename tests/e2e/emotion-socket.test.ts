import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CLOSE_CODES } from "../../contracts/http/emotion-socket.ts";
import { connectDevice } from "../sockets/device.ts";
import { until } from "../harness/until.ts";
import { send } from "./support/client.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson } from "./support/people.ts";
import { stack } from "./support/stack.ts";
import { emotionOf, untilSummarised } from "./support/telemetry.ts";
import { mintToken } from "./support/tokens.ts";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe("GET /v1/emotions/ws", () => {
  it("a device that loses its connection and sends again what was not acknowledged is counted once", async () => {
    const { id, token } = await newPerson();
    const events = Array.from({ length: 150 }, () => emotionOf(id));
    const first = await connectDevice(stack().baseUrl, bearer(token));
    for (const event of events) first.send(event);
    await until(() => first.results.length > 0);
    first.socket.terminate();
    const acknowledged = new Set(first.results.map((result) => result.id));

    const second = await connectDevice(stack().baseUrl, bearer(token));
    const again = events.filter(({ eventId }) => !acknowledged.has(eventId));
    // And a few of those that were.
    for (const event of [...again, ...events.slice(0, 5)]) second.send(event);
    await second.heard(again.length + 5);
    expect(second.results.filter(({ status }) => status !== "accepted")).toEqual([]);
    second.socket.send(JSON.stringify({ type: "end" }));
    expect(await second.closed).toBe(CLOSE_CODES.normal);
    await untilSummarised(id, { emotions: events.length, transactions: 0 });
  });

  it("the internal key sends for anybody, and a token's end is the connection's", async () => {
    const backend = await connectDevice(stack().baseUrl, { "x-internal-key": stack().internalKey });
    const userId = randomUUID();
    backend.send(emotionOf(userId));
    expect(await backend.heard(1)).toMatchObject([{ seq: 1, status: "accepted" }]);
    backend.socket.close();
    await untilSummarised(userId, { emotions: 1, transactions: 0 });

    const { id } = await newPerson();
    const short = await connectDevice(
      stack().baseUrl,
      bearer(await mintToken({ subject: id, expiresIn: 4 })),
    );
    expect(await short.closed).toBe(CLOSE_CODES.tokenExpired);
  });

  it("without an upgrade it is 426, and without credentials 401", async () => {
    expectProblem(await send("GET", "/v1/emotions/ws"), "upgrade_required");
    await expect(connectDevice(stack().baseUrl, {})).rejects.toThrow("401");
  });
});
