import { expect, test } from "vitest";
import { freshDatabase } from "../tests/harness/database.ts";
import { TEST_SEED } from "../tests/harness/seed.ts";
import { runLedger } from "../tests/ledger/run-ledger.ts";

// Four ledgers, for each has its own people, and looking through a long one after every batch takes longer each time.
const SEEDS = [1, 2, 3, 4].map((index) => TEST_SEED * 10 + index);

test.each(SEEDS)(
  "whatever is asked for, answers, accounts and transfers are the model's and no rule is broken (seed %i)",
  async (seed) => {
    await using database = await freshDatabase({ max: 2 });
    const tally = await runLedger(database.sql, { seed, operations: 5_000, batch: 300 });
    expect(tally.operations).toBeGreaterThanOrEqual(5_000);
    // All sorts of things happened.
    expect([...tally.byStatus.keys()]).toEqual(expect.arrayContaining([200, 201, 202, 403, 404, 409, 422]));
  },
  120_000,
);
