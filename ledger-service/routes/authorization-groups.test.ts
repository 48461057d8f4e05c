import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Caller } from "../../platform/identity/caller.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import { usePartners } from "../../tests/harness/use-partners.ts";
import {
  type Line,
  NO_RULES,
  PROBLEMS,
  audit,
  authorizeOne,
  openLine,
  purchase,
  tell,
} from "../../tests/ledger/credit-line.ts";
import { authorize } from "../sql/authorize.ts";

const used = await useLedger();
const { sql, ledger } = used;
const { setUp, withKey } = usePartners(used);

const callerOf = ({ owner }: Line): Caller => ({ kind: "user", id: owner });
const settle = (group: string, action: string, body: object, caller?: Caller) =>
  ledger.send("POST", `/v1/authorization-groups/${group}/${action}`, { body, ...(caller && { caller }) });
const placeMany = async (line: Line, group: string, count: number) =>
  (
    await authorize(
      sql,
      Array.from({ length: count }, () => purchase(line, { amount: "0.01", group })),
      NO_RULES,
      PROBLEMS,
    )
  ).map(tell);

test("a group has a thousand approved ones at most, and as many can be settled; what would be too many reserves nothing", async () => {
  const line = await openLine(sql);
  const group = randomUUID();
  const placed = await placeMany(line, group, 998);
  expect(new Set(placed.map(({ status }) => status))).toEqual(new Set([201]));
  // Declined ones are nothing to settle.
  expect((await authorizeOne(sql, line, { amount: "9000", group })).body.status).toBe("declined");
  const last = await placeMany(line, group, 4);
  expect(last.map(({ status }) => status)).toEqual([201, 201, 422, 422]);
  const refused = await ledger.send("POST", "/v1/authorizations", {
    caller: callerOf(line),
    body: { amount: "1", groupId: group },
  });
  expect(refused).toMatchObject({
    status: 422,
    body: { code: "validation_failed", errors: [{ pointer: "/groupId" }] },
  });
  expect(await audit(sql, line)).toMatchObject({ pending: 1_000 });
  // Another's group of the same id is not fuller for it.
  expect((await authorizeOne(sql, await openLine(sql), { group })).body.status).toBe("approved");

  const settled = await settle(group, "void", {}, callerOf(line));
  expect([settled.status, settled.body.items]).toMatchObject([200, { length: 1_000 }]);
  expect(await audit(sql, line)).toMatchObject({ pending: 0 });
  expect((await authorizeOne(sql, line, { group })).status).toBe(422);
});

test.each(["capture", "void"])(
  "operators %s a group whose they say, a person's or a partner's",
  async (action) => {
    const groupId = randomUUID();
    const { line, key, user, partnerId } = await setUp();
    await authorizeOne(sql, line, { group: groupId });
    await withKey(key, "POST", "/v1/authorizations", { amount: "7", userId: user, groupId });
    const [people, partners] = [{ userId: line.owner }, { partnerId }];
    for (const [body, pointer] of [
      [{}, "/userId"],
      [{ ...people, ...partners }, "/partnerId"],
      [{ userId: "x" }, "/userId"],
    ] as const)
      expect(await settle(groupId, action, body)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer }] },
      });
    expect((await settle(groupId, action, { userId: randomUUID() })).body.code).toBe(
      "authorization_not_found",
    );
    expect(await audit(sql, line)).toMatchObject({ pending: 1_700 });

    expect((await settle(groupId, action, partners)).body.items).toHaveLength(1);
    expect(await audit(sql, line)).toMatchObject({ pending: 1_000 });
    expect((await settle(groupId, action, people)).body.items).toHaveLength(1);
    expect(await audit(sql, line)).toMatchObject({
      pending: 0,
      posted: action === "capture" ? 1_700 : 0,
    });
  },
);

test("a group is looked at page by page, by whose it is, by operators who say whose, and by nobody else", async () => {
  const groupId = randomUUID();
  const { line, key, user, partnerId } = await setUp();
  const path = `/v1/authorization-groups/${groupId}`;
  const amounts = async (query: string, options: { caller?: Caller; key?: string } = {}) => {
    const answer = options.key
      ? await withKey(options.key, "GET", `${path}${query}`)
      : await ledger.send("GET", `${path}${query}`, options.caller && { caller: options.caller });
    return [answer.status, ...(answer.body.items ?? []).map(({ amount }: { amount: string }) => amount)];
  };
  for (const amount of ["1", "9000.00", "2"]) await authorizeOne(sql, line, { amount, group: groupId });
  await withKey(key, "POST", "/v1/authorizations", { amount: "7", userId: user, groupId });

  const person = { caller: callerOf(line) };
  expect(await amounts("", person)).toEqual([200, "1.00", "9000.00", "2.00"]);
  expect(await amounts(`?partnerId=${partnerId}`, person)).toEqual([200, "7.00"]);
  expect(await amounts("", { key })).toEqual([200, "7.00"]);
  expect((await withKey(key, "GET", path)).text).not.toContain(line.owner);
  expect(await amounts(`?userId=${line.owner}`)).toEqual([200, "1.00", "9000.00", "2.00"]);
  expect(await amounts("")).toEqual([400]);
  const other = { caller: callerOf(await openLine(sql)) };
  expect(await amounts("", other)).toEqual([200]);
  expect(await amounts(`?partnerId=${partnerId}`, other)).toEqual([200]);
  expect(await amounts(`?userId=${line.owner}`, other)).toEqual([403]);

  const first = await ledger.send("GET", `${path}?limit=2`, person);
  expect(first.body.items).toMatchObject([{ status: "approved" }, { status: "declined" }]);
  expect(await amounts(`?limit=2&cursor=${first.body.nextCursor}`, person)).toEqual([200, "2.00"]);
});

test("nobody else names whose group it is", async () => {
  const line = await openLine(sql);
  const other = await openLine(sql);
  const groupId = randomUUID();
  await authorizeOne(sql, line, { group: groupId });
  for (const [body, pointer] of [
    [{ userId: line.owner }, "/userId"],
    [{ partnerId: randomUUID() }, "/partnerId"],
  ] as const)
    expect(await settle(groupId, "void", body, callerOf(other))).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  expect((await settle(groupId, "void", {}, callerOf(other))).status).toBe(404);
  expect(await audit(sql, line)).toMatchObject({ pending: 1_000 });
});
