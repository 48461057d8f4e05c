import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../platform/identity/caller.ts";
import { openPair, openWallet } from "../../tests/harness/ledger-service.ts";
import { pastTimeOf } from "../../tests/harness/past-time-of.ts";
import { type Line, authorizeOne, openLine } from "../../tests/ledger/credit-line.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";

const { sql, ledger } = await useLedger();

const get = async (path: string, query: Record<string, string>, caller?: Caller) => {
  const { status, body } = await ledger.send(
    "GET",
    `${path}?${new URLSearchParams(query).toString()}`,
    caller ? { caller } : {},
  );
  return { status, body, ids: body.items?.map(({ id }) => id) };
};

describe("transfers by reference", () => {
  const find = (query: Record<string, string>, caller?: Caller) => get("/v1/transfers", query, caller);
  const pay = async (body: object, caller?: Caller) =>
    (await ledger.send("POST", "/v1/transfers", { body, ...(caller && { caller }) })).body;

  test("people find what they ordered, operators in their name too, and nobody else", async () => {
    const { source, destination, order } = await openPair(sql);
    const referenceId = `order ${randomUUID()}/é`;
    const made = await pay({ ...order, amount: "1", referenceId }, source.caller);
    expect((await find({ referenceId }, source.caller)).body).toEqual({ items: [made], nextCursor: null });
    expect((await find({ referenceId, userId: source.owner }, source.caller)).ids).toEqual([made.id]);
    expect((await find({ referenceId, userId: source.owner })).ids).toEqual([made.id]);
    expect((await find({ referenceId })).ids).toEqual([]);
    expect((await find({ referenceId }, destination.caller)).ids).toEqual([]);
    expect((await find({ referenceId, userId: source.owner }, destination.caller)).status).toBe(403);
    expect((await find({ referenceId }, { kind: "internal" })).status).toBe(403);
  });

  test("what the platform ordered is found by whom it is from and whom it is to, and by no stranger", async () => {
    const { source, destination, order } = await openPair(sql);
    const referenceId = randomUUID();
    const made = await pay({ ...order, amount: "1", referenceId });
    expect((await find({ referenceId })).ids).toEqual([made.id]);
    expect((await find({ referenceId }, source.caller)).ids).toEqual([made.id]);
    expect((await find({ referenceId }, destination.caller)).ids).toEqual([made.id]);
    expect((await find({ referenceId }, (await openWallet(sql)).caller)).ids).toEqual([]);
  });

  test("of several types all are found, newest first and page by page, or the one that is asked for", async () => {
    const { source, order } = await openPair(sql);
    const referenceId = randomUUID();
    const made: Record<string, string> = {};
    for (const type of ["transfer", "fee", "tip"]) {
      made[type] = (await pay({ ...order, amount: "1", referenceId, type }, source.caller)).id;
      await pastTimeOf(made[type]!);
    }
    await pay({ ...order, amount: "1", referenceId: randomUUID(), type: "other" }, source.caller);
    const { transfer, fee, tip } = made;
    expect((await find({ referenceId }, source.caller)).ids).toEqual([tip, fee, transfer]);
    const first = await find({ referenceId, limit: "2" }, source.caller);
    expect(first.ids).toEqual([tip, fee]);
    const cursor = first.body.nextCursor!;
    const second = await find({ referenceId, limit: "2", cursor }, source.caller);
    expect([second.ids, second.body.nextCursor]).toEqual([[transfer], null]);
    expect((await find({ referenceId, type: "fee" }, source.caller)).ids).toEqual([fee]);
    expect((await find({ referenceId, type: "other" }, source.caller)).ids).toEqual([]);
  });

  test("one that waits or was reverted is found, one that failed is not", async () => {
    const { order } = await openPair(sql, "5");
    const [waits, reverted, failed] = [randomUUID(), randomUUID(), randomUUID()];
    await pay({ ...order, amount: "6", referenceId: waits, waitForFunds: true });
    const { id } = await pay({ ...order, amount: "5", referenceId: reverted });
    await ledger.send("POST", `/v1/transfers/${id}/revert`, { body: {} });
    await pay({ ...order, amount: "6", referenceId: failed });
    const statuses = [];
    for (const referenceId of [waits, reverted, failed])
      statuses.push((await find({ referenceId })).body.items.map(({ status }) => status));
    expect(statuses).toEqual([["pending"], ["rollback"], []]);
  });

  test.each([
    [{ referenceId: "a", accountId: randomUUID() }, "/accountId"],
    [{ referenceId: "a", status: "complete" }, "/status"],
    [{ referenceId: "a", type: "A" }, "/type"],
    [{ referenceId: "" }, "/referenceId"],
    [{ referenceId: "a\u0000" }, "/referenceId"],
    [{ accountId: randomUUID(), type: "fee" }, "/type"],
    [{ accountId: randomUUID(), userId: randomUUID() }, "/userId"],
  ])("%j is 400 and names what is wrong", async (query, pointer) => {
    expect(await find(query as unknown as Record<string, string>)).toMatchObject({
      status: 400,
      body: { code: "invalid_query", errors: [{ pointer }] },
    });
  });
});

describe("authorizations by reference", () => {
  const find = (query: Record<string, string>, caller?: Caller) => get("/v1/authorizations", query, caller);
  const callerOf = ({ owner }: Line): Caller => ({ kind: "user", id: owner });

  test("people find their own, approved or declined, operators in their name, and nobody else", async () => {
    const [line, other] = [await openLine(sql), await openLine(sql)];
    for (const [amount, status] of [
      ["10.00", "approved"],
      ["1000.00", "declined"],
    ] as const) {
      const referenceId = randomUUID();
      const { body } = await authorizeOne(sql, line, { amount, reference: referenceId });
      const found = await find({ referenceId }, callerOf(line));
      expect(found.body).toMatchObject({ items: [{ id: body.id, status, amount, referenceId }] });
      expect((await find({ referenceId, userId: line.owner })).ids).toEqual([body.id]);
      expect((await find({ referenceId }, callerOf(other))).ids).toEqual([]);
      expect((await find({ referenceId, userId: line.owner }, callerOf(other))).status).toBe(403);
    }
  });

  const newPartner = async (line: Line) => {
    const { id } = (await ledger.send("POST", "/v1/partners", { body: { name: "Shop" } })).body;
    const scopes = ["authorizations:write", "authorizations:read"];
    const { key } = (await ledger.send("POST", `/v1/partners/${id}/keys`, { body: { scopes } })).body;
    await ledger.send("PUT", `/v1/partners/${id}/users/ada`, { body: { userId: line.owner } });
    const withKey = { caller: { kind: "anonymous" } as const, headers: { "x-api-key": key } };
    return {
      id,
      authorize: (body: object) =>
        ledger.send("POST", "/v1/authorizations", { ...withKey, body: { userId: "ada", ...body } }),
      find: async (query: Record<string, string>) => {
        const path = `/v1/authorizations?${new URLSearchParams(query).toString()}`;
        const { status, body } = await ledger.send("GET", path, withKey);
        return { status, ids: body.items?.map(({ id: found }) => found) };
      },
    };
  };

  test("a partner finds its own, the person whose line it is too, and no other", async () => {
    const line = await openLine(sql);
    const [shop, rival] = [await newPartner(line), await newPartner(line)];
    const [partnerId, referenceId] = [shop.id, randomUUID()];
    const { id } = (await shop.authorize({ amount: "1", referenceId })).body;
    expect((await shop.find({ referenceId })).ids).toEqual([id]);
    expect((await shop.find({ referenceId, partnerId })).ids).toEqual([id]);
    expect((await find({ referenceId, partnerId })).ids).toEqual([id]);
    expect((await find({ referenceId, partnerId }, callerOf(line))).ids).toEqual([id]);
    expect((await find({ referenceId }, callerOf(line))).ids).toEqual([]);
    const stranger = callerOf(await openLine(sql));
    expect((await find({ referenceId, partnerId }, stranger)).ids).toEqual([]);
    expect((await rival.find({ referenceId })).ids).toEqual([]);
    expect((await rival.find({ referenceId, partnerId })).status).toBe(403);
    expect((await shop.find({ referenceId, userId: line.owner })).status).toBe(403);
    expect((await find({ referenceId }, { kind: "anonymous" })).status).toBe(403);
  });

  test.each([
    [{ referenceId: "a" }, "/userId"],
    [{ referenceId: "a", userId: randomUUID(), partnerId: randomUUID() }, "/partnerId"],
    [{ referenceId: "a", userId: "me" }, "/userId"],
    [{ userId: randomUUID() }, "/referenceId"],
  ])("an operator's %j is 400 and names what is wrong", async (query, pointer) => {
    expect(await find(query as unknown as Record<string, string>)).toMatchObject({
      status: 400,
      body: { code: "invalid_query", errors: [{ pointer }] },
    });
  });
});
