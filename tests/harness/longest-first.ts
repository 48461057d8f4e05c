import { BaseSequencer, type TestSpecification } from "vitest/node";

// Of a run on two cores, in the order of what they take: 78 s down to 10 s. What is not here takes less.
const LONGEST = [
  "tests/faults/faults.test.ts",
  "tests/faults/authorizations.test.ts",
  "tests/chaos/chaos.test.ts",
  "tests/stack/cluster.test.ts",
  "tests/faults/failover.test.ts",
  "platform/messaging/machine-crash.test.ts",
  "platform/messaging/run-consumer.test.ts",
  "platform/messaging/long-outage.test.ts",
  "ledger-service/ledger-model.test.ts",
  "platform/messaging/leader-loss.test.ts",
  "credit-service/faults.test.ts",
];

/**
 * Vitest goes by how long files took before, of which a fresh machine knows nothing; then by their size, which says
 * little here. A long file that begins last is waited for by a worker that has nothing to do.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => groupOf(a) - groupOf(b) || placeOf(a) - placeOf(b));
  }
}

const groupOf = ({ project }: TestSpecification): number => project.config.sequence.groupOrder;

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST.findIndex((file) => moduleId.endsWith(`/${file}`));
  return place < 0 ? LONGEST.length : place;
};
