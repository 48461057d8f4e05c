import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { removeTemporaryFolder, temporaryFolder } from "../../tests/harness/temporary-folder.ts";
import { requireServer } from "./missing.ts";
import { prepareNats } from "./nats.ts";
import { clusterWarning, knowsSync, natsVersion } from "./nats-version.ts";

test("servers can be told when to sync since 2.10", () => {
  expect(["2.9.10", "1.4.1", "of an unknown version"].filter(knowsSync)).toEqual([]);
  expect(["2.10.0", "2.14.5", "3.0.0"].filter((version) => !knowsSync(version))).toEqual([]);
});

test("a server is told when to sync, or refused by name and version when it cannot be", async () => {
  const folder = temporaryFolder("nats-sync");
  onTestFinished(() => removeTemporaryFolder(folder));
  const prepared = prepareNats({ folder, port: 4222, sync: "always" });
  const version = natsVersion(requireServer("nats"));
  if (!knowsSync(version)) {
    await expect(prepared).rejects.toThrow(
      new RegExp(`^ECS_NATS_SYNC needs NATS 2\\.10 or newer, .* is ${version.replaceAll(".", "\\.")}: `),
    );
    return;
  }
  await prepared;
  expect(readFileSync(join(folder, "nats-server.conf"), "utf8")).toContain('sync_interval: "always"');
});

test("of a cluster of old servers is said what its users have to know", () => {
  expect(clusterWarning("2.9.10")).toContain("NATS is 2.9.10: the copies of a stream may come to differ");
  expect(clusterWarning("2.10.27")).toBeUndefined();
});
