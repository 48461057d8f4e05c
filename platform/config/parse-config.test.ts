import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { databaseUrl, integer, secret, urlList } from "./fields.ts";
import { parseConfig } from "./parse-config.ts";

const schema = z.object({ JWT_SECRET: secret, DATABASE_URL: databaseUrl, BATCH: integer(1, 10).default(5) });
const good = { JWT_SECRET: "s".repeat(32), DATABASE_URL: "postgres://ecs@127.0.0.1/ecs" };

test("every bad variable is named at once, and no value is shown", () => {
  const parse = () => parseConfig(schema, { JWT_SECRET: "hunter2", BATCH: "eleven" });
  expect(parse).toThrow(/JWT_SECRET: must have at least 32 characters/);
  expect(parse).toThrow(/DATABASE_URL: is required/);
  expect(parse).toThrow(/BATCH: /);
  expect(parse).not.toThrow(/hunter2/);
});

test.each(["eleven", "0", "11", "2.5", "-1.5", "Infinity", "1 0"])(
  "a number that is %s is told once what it may be",
  (BATCH) => {
    expect(() => parseConfig(schema, { ...good, BATCH })).toThrow(
      /^configuration: BATCH: must be a whole number from 1 to 10$/,
    );
  },
);

test("an empty variable counts as not set", () => {
  expect(parseConfig(schema, { ...good, BATCH: "" }).BATCH).toBe(5);
  expect(() => parseConfig(schema, { ...good, DATABASE_URL: "" })).toThrow(/DATABASE_URL: is required/);
});

test("a secret may come from a file, without its final newline", async () => {
  const folder = await mkdtemp(join(tmpdir(), "config-"));
  try {
    const file = join(folder, "jwt");
    await writeFile(file, `${"f".repeat(40)}\n`);
    const config = parseConfig(schema, { DATABASE_URL: good.DATABASE_URL, JWT_SECRET_FILE: file });
    expect(config.JWT_SECRET).toBe("f".repeat(40));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a secret's file that cannot be read is named once", () => {
  const parse = () => parseConfig(schema, { DATABASE_URL: good.DATABASE_URL, JWT_SECRET_FILE: "/nowhere" });
  expect(parse).toThrow("configuration: JWT_SECRET_FILE: the file cannot be read");
});

test("the result is frozen", () => {
  expect(Object.isFrozen(parseConfig(schema, good))).toBe(true);
});

test("a list of URLs refuses an empty one and anything but http", () => {
  const urls = z.object({ URLS: urlList });
  expect(parseConfig(urls, { URLS: "http://a:1, http://b:2" }).URLS).toEqual(["http://a:1", "http://b:2"]);
  expect(() => parseConfig(urls, { URLS: " , " })).toThrow(/URLS/);
  expect(() => parseConfig(urls, { URLS: "ftp://a" })).toThrow(/URLS/);
});
