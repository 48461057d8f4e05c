import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Wanted, openLendingDesk } from "./lend/lend.ts";

// Lends servers and processes to a parent that may not import this folder, over the channel of child_process.fork:
// one answer for each message, by its id. When the parent goes, however it goes, all of it is stopped and removed.
const folder = mkdtempSync(join(tmpdir(), "ecs-lent-"));
// The account of the database server must be able to pass, though not to look around.
chmodSync(folder, 0o711);
const desk = openLendingDesk(folder);

process.on("message", ({ id, ...wanted }: Wanted & { id: number }) => {
  desk.lend(wanted).then(
    (lent) => process.send?.({ id, lent, folder }),
    (error: Error) => process.send?.({ id, error: error.message }),
  );
});

let closing = false;
const close = async (): Promise<void> => {
  if (closing) return;
  closing = true;
  await desk.stopAll();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  process.exit(0);
};

process.once("disconnect", () => void close());
// Ctrl-C reaches the parent too, which may still need them for a moment.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {});
