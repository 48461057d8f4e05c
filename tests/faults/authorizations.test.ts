import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokenRules } from "../../ledger-service/verify/describe.ts";
import { verifyLedger } from "../../ledger-service/verify/verify-ledger.ts";
import { uuidv7 } from "uuidv7";
import { sendTo } from "../e2e/support/client.ts";
import { streamedMessages } from "../e2e/support/streams.ts";
import { killProcess } from "../harness/kill-process.ts";
import { type PrivateStack, startPrivateStack } from "../harness/private-stack.ts";
import { until } from "../harness/until.ts";
import { type Failure, insist } from "./support/attempt.ts";
import { TUNING } from "./support/tuning.ts";

const RULES = { RISK_VELOCITY_COUNT: "100000", RISK_VELOCITY_AMOUNT: "none", SAGA_LEASE_SECONDS: "2" };
const PEOPLE = 6;
const PURCHASES = 150;
const BACK_WITHIN_MS = 30_000;

describe("every purchase that was approved is posted once, and told once,", { timeout: 120_000 }, () => {
  let stack: PrivateStack;
  let sql: postgres.Sql;
  let key: string;

  beforeAll(async () => {
    stack = await startPrivateStack({ ...TUNING, ...RULES });
    const { databaseUrl, baseUrl, operator } = stack.file();
    sql = postgres(databaseUrl, { max: 3, connect_timeout: 5, onnotice: () => {} });
    const call = async <Body>(method: string, path: string, json: unknown, token?: string) =>
      (await sendTo<Body>(baseUrl, method, path, { json, token })).body;
    const { access_token: token } = await call<{ access_token: string }>("POST", "/v1/auth/login", {
      email: operator.email,
      password: operator.password,
    });
    const partner = await call<{ id: string }>("POST", "/v1/partners", { name: "Shop" }, token);
    const path = `/v1/partners/${partner.id}`;
    ({ key } = await call<{ key: string }>(
      "POST",
      `${path}/keys`,
      { scopes: ["authorizations:write"] },
      token,
    ));
    for (let n = 0; n < PEOPLE; n++)
      await call("PUT", `${path}/users/u-${n}`, { userId: await openLine() }, token);
  }, 120_000);
  afterAll(async () => {
    await sql?.end({ timeout: 1 });
    await stack?.[Symbol.asyncDispose]();
  }, 60_000);

  const openLine = async (): Promise<string> => {
    const id = uuidv7();
    await sql`insert into users (id, email, password_hash) values (${id}::uuid, ${`${id}@example.com`}, 'x')`;
    await sql`select ledger_open_credit_line(${uuidv7()}::uuid, ${uuidv7()}::uuid, ${id}::uuid, 1000000, 'USD', 2::smallint)`;
    return id;
  };

  const killAll = async (names: readonly string[]): Promise<void> => {
    const victims = names.flatMap((name) => stack.replicasOf(name));
    expect(victims.length).toBeGreaterThanOrEqual(names.length);
    for (const { pid } of victims) killProcess(pid);
    for (const { name, pid } of victims)
      await until(() => stack.file().processes.some((found) => found.name === name && found.pid !== pid), {
        within: BACK_WITHIN_MS,
        what: `another process for ${name}`,
      });
  };

  /** Purchases over some seconds, each sent again until it is decided. Returns the decisions. */
  const shop = async (failures: Failure[]): Promise<{ id: string; status: string }[]> => {
    const giveUpAt = Date.now() + 60_000;
    const persistence = { baseUrl: stack.file().baseUrl, failures, giveUpAt: () => giveUpAt };
    const buy = async (n: number): Promise<{ id: string; status: string }> => {
      await sleep(n * 25);
      const json = { transaction_id: randomUUID(), user_id: `u-${n % PEOPLE}`, amount: 1.25 };
      const request = { method: "POST", path: "/authorize", json, headers: { "x-api-key": key } };
      const answer = await insist<{ authorization_id: string; status: string }>(
        persistence,
        request,
        ({ status }) => status === 200,
      );
      return { id: answer?.body.authorization_id ?? "lost", status: answer?.body.status ?? "lost" };
    };
    return Promise.all(Array.from({ length: PURCHASES }, (_, n) => buy(n)));
  };

  it.each([
    [["ledger-service"]],
    [["authorization-saga"]],
    [["outbox-relay", "authorization-saga"]],
    [["postgres"]],
    [["ledger-service", "authorization-saga", "postgres"]],
  ])("when %j are killed twice in the midst of it", async (names) => {
    const failures: Failure[] = [];
    const shopping = shop(failures);
    for (let turn = 0; turn < 2; turn++) {
      await sleep(700);
      await killAll(names);
    }
    const decisions = await shopping;
    expect(decisions.filter(({ status }) => status !== "approved")).toEqual([]);
    const ids = decisions.map(({ id }) => id);
    expect(new Set(ids).size).toBe(PURCHASES);
    await until(
      async () =>
        (await sql`select from ledger_sagas where state <> 'completed' limit 1`).length === 0 &&
        (await sql`select from outbox limit 1`).length === 0,
      { within: 40_000, what: "the end of every saga" },
    );
    const [counted] = await sql`
      select
        (select count(*)::int from ledger_holds where id = any(${ids}::uuid[]) and status = 'captured') as captured,
        (select count(*)::int from ledger_transfers where hold_id = any(${ids}::uuid[])) as captures,
        (select count(*)::int from notifications where id = any(${ids}::uuid[])) as told,
        (select count(*)::int from ledger_holds) - (select count(*)::int from ledger_sagas) as without`;
    expect(counted).toEqual({ captured: PURCHASES, captures: PURCHASES, told: PURCHASES, without: 0 });
    const events = await streamedMessages(stack.file().natsUrl, "LEDGER", "authorization.confirmed");
    const confirmed = events.map((event) => (event as { authorizationId: string }).authorizationId);
    expect(confirmed.filter((id) => ids.includes(id)).toSorted()).toEqual(ids.toSorted());
    expect(brokenRules(await verifyLedger(sql))).toEqual([]);
  });
});
