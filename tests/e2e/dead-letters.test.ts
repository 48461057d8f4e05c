import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../harness/until.ts";
import { send } from "./support/client.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { newPerson, operatorToken, type Person } from "./support/people.ts";
import { publishTo } from "./support/publish-to.ts";
import { ISO_TIME, UUID } from "./support/shapes.ts";
import { stack } from "./support/stack.ts";

type Letter = { id: string; status: string; actions: { action: string; reason: string | null }[] };
type Page = { items: Letter[]; nextCursor: string | null };

describe("dead letters, through nginx", () => {
  let person: Person;
  let token: string;
  let event: Record<string, unknown>;
  beforeAll(async () => {
    [person, token] = await Promise.all([newPerson(), operatorToken()]);
    event = {
      eventId: randomUUID(),
      userId: person.id,
      amount: "12,50",
      currency: "USD",
      occurredAt: new Date().toISOString(),
      receivedAt: new Date().toISOString(),
    };
    // What intake would never let through: from an older version of it, say.
    await publishTo(stack().natsUrl, "transactions.topic", JSON.stringify(event));
  });

  const list = (query: string) => send<Page>("GET", `/v1/dead-letters?${query}`, { token });
  const rows = async (): Promise<number> =>
    (
      await sql()<{ n: number }[]>`select count(*)::int as n from transactions where user_id = ${person.id}`
    )[0]!.n;

  it("a poison event is found, explained, mended, and persisted exactly once though it is replayed twice", async () => {
    const [letter] = await until(async () => {
      const { status, body } = await list(`userId=${person.id}&status=open&stream=TRANSACTIONS`);
      expect(status).toBe(200);
      return body.items.length > 0 && body.items;
    });
    const path = `/v1/dead-letters/${letter!.id}`;
    expect((await send("GET", path, { token })).body).toMatchObject({
      id: UUID,
      status: "open",
      consumer: "transaction-processing",
      errorClass: "InvalidEvent",
      errorMessage: expect.stringContaining("/amount") as string,
      payload: { format: "json", content: event },
      lastFailure: ISO_TIME,
      actions: [],
    });
    expectProblem(await send("POST", `${path}/replay`, { token }), "validation_failed", {
      pointers: ["/amount"],
    });

    const payload = { ...event, amount: "12.50" };
    const edited = await send("PUT", `${path}/payload`, {
      token,
      json: { payload, reason: "decimal comma" },
    });
    expect(edited).toMatchObject({ status: 200, body: { edited: true } });
    expect((await send("GET", `${path}/dry-run`, { token })).body).toMatchObject({
      wouldPublish: true,
      valid: true,
      alreadyStored: false,
    });
    for (const outcome of ["replayed", "already_replayed"])
      expect(await send("POST", `${path}/replay`, { token })).toMatchObject({
        status: 200,
        body: { outcome },
      });
    await until(async () => (await rows()) === 1, { what: "the transaction" });
    // And past the broker's memory, by the event's identity.
    await publishTo(stack().natsUrl, "transactions.topic", JSON.stringify(payload));
    const marker = { ...payload, eventId: randomUUID() };
    await publishTo(stack().natsUrl, "transactions.topic", JSON.stringify(marker));
    await until(async () => (await rows()) === 2, { what: "the transaction sent last" });
    const shown = await send<Letter>("GET", path, { token });
    expect(shown.body.status).toBe("replayed");
    expect(shown.body.actions.map(({ action }) => action)).toEqual(["edit", "replay"]);
  });

  it("a replay by filter that matches nothing ends at once", async () => {
    const json = { filter: { userId: randomUUID() } };
    const started = await send<{ id: string }>("POST", "/v1/dead-letter-replays", { token, json });
    expect(started.status).toBe(202);
    const path = `/v1/dead-letter-replays/${started.body.id}`;
    await until(async () => (await send("GET", path, { token })).body["status"] === "finished");
  });

  it.each([
    ["GET", "/v1/dead-letters"],
    ["GET", "/v1/dead-letter-groups"],
    ["GET", `/v1/dead-letters/${randomUUID()}`],
    ["GET", `/v1/dead-letters/${randomUUID()}/dry-run`],
    ["PUT", `/v1/dead-letters/${randomUUID()}/payload`],
    ["POST", `/v1/dead-letters/${randomUUID()}/replay`],
    ["POST", `/v1/dead-letters/${randomUUID()}/discard`],
    ["POST", "/v1/dead-letter-replays"],
    ["GET", `/v1/dead-letter-replays/${randomUUID()}`],
    ["POST", `/v1/dead-letter-replays/${randomUUID()}/cancel`],
  ])("%s %s is for operators: 401 without a token, 403 with a person's", async (method, path) => {
    expectProblem(await send(method, path), "unauthenticated");
    expectProblem(await send(method, path, { token: person.token }), "forbidden");
    const headers = {
      "x-caller-kind": "operator",
      "x-caller-id": person.id,
      "x-gateway-key": "k".repeat(48),
    };
    expectProblem(await send(method, path, { token: person.token, headers }), "forbidden");
  });
});
