import type { Reporter, TestModule } from "vitest/node";

/** Ends the run's output with one plain line, such as `12 passed, 0 failed`, for people and scripts. */
export class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tally = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      // A file that could not be loaded has no tests to count.
      tally.failed += module.errors().length;
      for (const test of module.children.allTests()) tally[test.result().state]++;
    }
    const skipped = tally.skipped + tally.pending;
    console.log(`${tally.passed} passed, ${tally.failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
  }
}
