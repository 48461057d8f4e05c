import { expect, test } from "vitest";
import { installCommand } from "./missing.ts";

test("a person without root gets one command with sudo before each part", () => {
  expect(installCommand(["postgres", "nats"], "linux", false)).toBe(
    "sudo apt-get update && sudo apt-get install --no-install-recommends -y postgresql nats-server",
  );
});

test("root needs no sudo, and a Mac uses Homebrew", () => {
  expect(installCommand(["nginx"], "linux", true)).toBe(
    "apt-get update && apt-get install --no-install-recommends -y nginx",
  );
  expect(installCommand(["redis", "postgres"], "darwin", false)).toBe("brew install redis postgresql@17");
});
