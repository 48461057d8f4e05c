import { pino } from "pino";
import { expect, test } from "vitest";
import { startNats } from "../../tests/harness/servers.ts";
import { COMMIT_REPLY_HEADER, sendCommitNotice, watchCommits } from "./commit-notice.ts";
import { connectBroker } from "./connect.ts";
import { dead, done, doneBefore, retry } from "./outcome.ts";
import type { Outcome } from "./outcome.ts";

/** As it comes from the broker: the body behind the headers. */
const delivered = (reply: string | undefined) => {
  const header = reply === undefined ? "Content-Type: text/plain" : `${COMMIT_REPLY_HEADER}: ${reply}`;
  const arrived = Buffer.from(`NATS/1.0\r\n${header}\r\n\r\nbody`);
  return { body: arrived.subarray(-4), headerBytes: arrived.length - 4 };
};

const connected = async () => {
  const server = await startNats();
  const broker = await connectBroker({ url: server.url, name: "test" }, pino({ level: "silent" }));
  const dispose = async (): Promise<void> => {
    await broker.close();
    await server[Symbol.asyncDispose]();
  };
  return { nc: broker.nc, [Symbol.asyncDispose]: dispose };
};

test("every event's fate is heard by the one who asked, and a message that comes again changes none", async () => {
  await using env = await connected();
  const commits = watchCommits(env.nc);
  const [mine, other] = [commits.expect(4), commits.expect(1)];
  const notify = (outcomes: Outcome[]): void => sendCommitNotice(env.nc, delivered(mine.subject), outcomes);
  notify([done, doneBefore, retry("later"), dead("never")]);
  notify([doneBefore, doneBefore, done, doneBefore]);
  expect(await mine.fates(AbortSignal.timeout(5_000))).toEqual(["new", "known", "new", "dead"]);
  expect(await other.fates(AbortSignal.timeout(1))).toEqual([undefined]);
});

test("what is not known by the deadline stays open, and what was forgotten disturbs nobody", async () => {
  await using env = await connected();
  const commits = watchCommits(env.nc);
  const asked = commits.expect(2);
  sendCommitNotice(env.nc, delivered(asked.subject), [done, retry("later")]);
  // The broker answers this after it has passed the notice on.
  await env.nc.flush();
  expect(await asked.fates(AbortSignal.timeout(50))).toEqual(["new", undefined]);
  asked.forget();
  sendCommitNotice(env.nc, delivered(asked.subject), [done, done]);
  await env.nc.flush();
});

test("a message cannot make a worker publish anywhere but to an inbox", async () => {
  const published: string[] = [];
  const nc = { publish: (subject: string) => void published.push(subject) };
  for (const reply of [undefined, "", "user.emotions.topic", "_INBOX.a.1"])
    sendCommitNotice(nc, delivered(reply), [done]);
  expect(published).toEqual(["_INBOX.a.1"]);
});
