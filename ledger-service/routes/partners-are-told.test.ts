import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { authorization } from "../../contracts/http/authorizations.ts";
import { capture } from "../../contracts/http/settle-authorizations.ts";
import { useLedger } from "../../tests/harness/use-ledger.ts";
import type { LedgerAnswer } from "../../tests/harness/ledger-service.ts";
import { ANONYMOUS, usePartners } from "../../tests/harness/use-partners.ts";

const used = await useLedger();
const { sql, ledger } = used;
const { link, withKey, setUp } = usePartners(used);

test("a partner is told of a person by its own id, and of neither our person nor our account, whatever it asks", async () => {
  const { line, key, user } = await setUp();
  const groupId = randomUUID();
  const answers: LedgerAnswer[] = [];
  const ask = async (method: string, path: string, body?: unknown): Promise<LedgerAnswer> => {
    const answer = await withKey(key, method, path, body);
    answers.push(answer);
    return answer;
  };
  const purchase = { amount: "10", userId: user, groupId };
  // The first is decided by itself, those behind it together.
  const made = await Promise.all(
    ["r-1", "r-2", "r-3"].map((referenceId) =>
      ask("POST", "/v1/authorizations", { ...purchase, referenceId }),
    ),
  );
  const [first, second] = made.map(({ body }) => `/v1/authorizations/${body.id}`);
  const repeated = await ask("POST", "/v1/authorizations", { ...purchase, referenceId: "r-1" });
  const declined = await ask("POST", "/v1/authorizations", { ...purchase, amount: "9000", referenceId: "d" });
  const shown = await ask("GET", first!);
  const found = await ask("GET", "/v1/authorizations?referenceId=d");
  const part = await ask("POST", `${first}/capture`, { amount: "4" });
  const voided = await ask("POST", `${second}/void`, {});
  const refused = await ask("POST", `/v1/authorization-groups/${groupId}/capture`, {});
  const captures = await ask("GET", `${first}/captures`);

  for (const { text } of answers) {
    expect(text).not.toContain(line.owner);
    expect(text).not.toContain(line.accountId);
  }
  for (const { body } of [...made, repeated, declined, shown, voided])
    expect(authorization.parse(body).externalUserId).toBe(user);
  expect(found.body.items).toMatchObject([{ status: "declined", externalUserId: user }]);
  expect(capture.parse(part.body).authorization.externalUserId).toBe(user);
  expect([repeated.status, declined.body.reason, refused.status, captures.body.items.length]).toEqual([
    200,
    "insufficient_credit",
    409,
    1,
  ]);
  // What it cannot look at is not where it is sent.
  expect(part.headers.get("location")).toBeNull();
  expect(made[0]!.headers.get("location")).toBe(first);
});

test("a partner's repeat gets the same bytes, and a group is settled in its words", async () => {
  const { line, key, user } = await setUp();
  const groupId = randomUUID();
  const twice = async (path: string, body: unknown) => {
    const send = { caller: ANONYMOUS, headers: { "x-api-key": key }, body, key: randomUUID() };
    const [one, other] = [await ledger.send("POST", path, send), await ledger.send("POST", path, send)];
    expect([other.text, other.status, other.headers.get("idempotency-hit")]).toEqual([
      one.text,
      one.status,
      "true",
    ]);
    expect(one.text).toContain(`"externalUserId":"${user}"`);
    expect(one.text).not.toMatch(new RegExp(`${line.owner}|${line.accountId}`));
    return one;
  };
  const { body } = await twice("/v1/authorizations", { amount: "10", userId: user, groupId });
  await twice("/v1/authorizations", { amount: "9000", userId: user });
  await twice(`/v1/authorizations/${body.id}/capture`, { amount: "1" });
  await twice(`/v1/authorization-groups/${groupId}/capture`, {});
});

test("a partner lists what it asked for, newest first, declined ones among it, and nobody else's", async () => {
  const { line, key, user, partnerId } = await setUp();
  const other = await setUp();
  const ids: string[] = [];
  for (const amount of ["1", "9000", "2", "3"]) {
    const { body } = await withKey(key, "POST", "/v1/authorizations", { amount, userId: user });
    ids.unshift(body.id as string);
    await withKey(other.key, "POST", "/v1/authorizations", { amount, userId: other.user });
    await ledger.send("POST", "/v1/authorizations", {
      caller: { kind: "user", id: line.owner },
      body: { amount },
    });
  }
  const first = await withKey(key, "GET", "/v1/authorizations?limit=3");
  const rest = await withKey(key, "GET", `/v1/authorizations?limit=3&cursor=${first.body.nextCursor}`);
  const listed = [...first.body.items, ...rest.body.items] as { id: string; status: string }[];
  expect(listed.map(({ id }) => id)).toEqual(ids);
  expect(listed.map(({ status }) => status)).toEqual(["approved", "approved", "declined", "approved"]);
  expect(rest.body.nextCursor).toBeNull();
  expect(first.text).not.toMatch(new RegExp(`${line.owner}|${line.accountId}`));

  const asOperator = await ledger.send("GET", `/v1/authorizations?partnerId=${partnerId}`);
  expect(asOperator.body.items.map(({ id }: { id: string }) => id)).toEqual(ids);
  for (const [path, caller, status] of [
    ["/v1/authorizations", { kind: "user", id: line.owner }, 400],
    [`/v1/authorizations?userId=${line.owner}`, undefined, 400],
    ["/v1/authorizations", undefined, 400],
  ] as const)
    expect((await ledger.send("GET", path, caller && { caller })).status).toBe(status);
  // A person sees of a partner's what is theirs.
  const strangers = await ledger.send("GET", `/v1/authorizations?partnerId=${partnerId}`, {
    caller: { kind: "user", id: other.line.owner },
  });
  expect([strangers.status, strangers.body.items]).toEqual([200, []]);
  expect(await withKey(key, "GET", "/v1/authorizations?cursor=x")).toMatchObject({ status: 400 });
});

test("its id for a person stays with what it asked for when the link has ended; people and operators see both ids", async () => {
  const { line, key, user, partnerId } = await setUp();
  const odd = `"userId":"${randomUUID()}",`;
  expect((await link(partnerId, encodeURIComponent(odd), line.owner)).status).toBe(200);
  const { body } = await withKey(key, "POST", "/v1/authorizations", {
    amount: "1",
    userId: odd,
    referenceId: "r",
  });
  expect(body.externalUserId).toBe(odd);
  // Known by another id as well: the answer says what was asked for.
  const again = await withKey(key, "POST", "/v1/authorizations", {
    amount: "1",
    userId: user,
    referenceId: "r",
  });
  expect([again.status, again.body.externalUserId]).toEqual([200, odd]);
  await sql`delete from ledger_partner_users where partner_id = ${partnerId}::uuid`;
  const path = `/v1/authorizations/${body.id}`;
  expect((await withKey(key, "GET", path)).body).toMatchObject({ externalUserId: odd, referenceId: "r" });
  for (const caller of [undefined, { kind: "user", id: line.owner } as const])
    expect((await ledger.send("GET", path, caller && { caller })).body).toMatchObject({
      userId: line.owner,
      accountId: line.accountId,
      externalUserId: odd,
    });
});
