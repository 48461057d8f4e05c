import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { inRoot, ROOT } from "../../stack/root.ts";
import { until } from "../harness/until.ts";
import { sql } from "./support/database.ts";
import { publishTo } from "./support/publish-to.ts";
import { stack } from "./support/stack.ts";

type Run = { code: number; output: string; complaint: string };

/** What `npm run dlq -- …` runs, with the stack of the run as the one that runs here. */
const dlq = (args: string[], home = inject("stackHome")): Promise<Run> =>
  new Promise((resolve) => {
    const env = { ...process.env, ECS_HOME: home };
    const command = [inRoot("workers/dead-letter/dlq-main.ts"), ...args];
    execFile(process.execPath, command, { cwd: ROOT, env }, (error, output, complaint) =>
      resolve({ code: error ? Number(error.code) : 0, output, complaint }),
    );
  });

const poison = async (): Promise<{ id: string; event: Record<string, unknown> & { userId: string } }> => {
  const [userId, now] = [randomUUID(), new Date().toISOString()];
  const event = { eventId: "one", userId, amount: 5, currency: "USD", occurredAt: now, receivedAt: now };
  await publishTo(stack().natsUrl, "transactions.topic", JSON.stringify(event));
  const id = await until(
    async () => (await sql()<{ id: string }[]>`select id from dead_letters where user_id = ${userId}`)[0]?.id,
    { what: "the letter" },
  );
  return { id, event };
};

const rowsOf = async (userId: string): Promise<number> =>
  (await sql()<{ n: number }[]>`select count(*)::int as n from transactions where user_id = ${userId}`)[0]!.n;

describe("npm run dlq", { timeout: 60_000 }, () => {
  let id: string;
  let event: Record<string, unknown> & { userId: string };
  beforeAll(async () => {
    ({ id, event } = await poison());
  });

  it("finds, shows, mends and replays a letter", async () => {
    const listed = await dlq(["list", "--user", event.userId]);
    expect(listed).toMatchObject({ code: 0, complaint: "" });
    expect(listed.output).toContain(id);
    const grouped = await dlq(["list", "--group", "--user", event.userId, "--json"]);
    expect(JSON.parse(grouped.output)).toMatchObject({ items: [{ count: 1, errorClass: "InvalidEvent" }] });
    expect((await dlq(["show", id])).output).toMatch(/InvalidEvent: \/amount[\s\S]*"amount": 5/);

    expect((await dlq(["replay", id, "--dry-run"])).output).toContain("/amount");
    const refused = await dlq(["replay", id]);
    expect(refused).toMatchObject({ code: 1, output: "" });
    expect(refused.complaint).toContain("/amount");

    const payload = JSON.stringify({ ...event, amount: "5" });
    expect((await dlq(["edit", id, "--payload", payload, "--reason", "a number"])).code).toBe(0);
    expect(await dlq(["replay", id])).toMatchObject({ code: 0, output: `Replayed ${id}.\n` });
    expect((await dlq(["replay", id])).output).toContain("replayed before");
    await until(async () => (await rowsOf(event.userId)) === 1, { what: "the transaction" });
    expect((await dlq(["show", id, "--json"])).output).toContain('"reason": "a number"');
  });

  it("replays by filter and says how it went; discards with a reason", async () => {
    const other = await poison();
    const bulk = await dlq(["replay", "--user", other.event.userId, "--rate", "50"]);
    expect(bulk).toMatchObject({ code: 0 });
    expect(bulk.output).toMatch(/finished: 0 of 1 replayed, 1 would fail again/);
    const listed = await dlq(["replay", "--list", "--status", "finished", "--json"]);
    expect(JSON.parse(listed.output)).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ filter: { userId: other.event.userId } }),
      ]) as unknown,
    });
    expect((await dlq(["replay", "--list"])).output).toMatch(/finished: 0 of 1 replayed/);
    expect((await dlq(["discard", other.id, "--reason", "of a test"])).code).toBe(0);
    const again = await dlq(["discard", other.id, "--reason", "of a test"]);
    expect(again).toMatchObject({ code: 1 });
    expect(again.complaint).toContain("discarded already");
  });

  it("what is misused is exit code 2 and a word on what is missing", async () => {
    const run = await dlq(["replay"]);
    expect(run).toMatchObject({ code: 2, output: "" });
    expect(run.complaint).toContain("--all");
  });

  it("without a stack it says what to do, and an unknown letter is exit code 1", async () => {
    const nowhere = await dlq(["list"], "/nowhere");
    expect(nowhere).toMatchObject({ code: 2 });
    expect(nowhere.complaint).toContain("npm start");
    const unknown = await dlq(["show", randomUUID()]);
    expect(unknown).toMatchObject({ code: 1 });
    expect(unknown.complaint).toContain("no such dead letter");
  });
});
