const VITEST = "node_modules/vitest/vitest.mjs";

/**
 * What each npm script runs under the pinned Node, one step after the other; arguments go to the last step.
 * `usesStack`: the addresses of a running `npm start` fill in what the environment leaves out.
 * `endsWithUs`: it is told when this process is killed, and stops then too.
 */
export const TASKS = {
  start: { steps: [["stack/main.ts"]], endsWithUs: true },
  test: { steps: [["stack/servers-main.ts"], [VITEST, "run"]] },
  verify: { steps: [["stack/verify-main.ts"]] },
  format: { steps: [["node_modules/oxfmt/bin/oxfmt"]] },
  operator: { steps: [["credit-service/operator-main.ts"]], usesStack: true },
  migrate: { steps: [["migrations/main.ts"]], usesStack: true },
  openapi: { steps: [["gateway/openapi-main.ts"]] },
  bench: { steps: [["stack/servers-main.ts"], ["bench/main.ts"]] },
  chaos: { steps: [["stack/servers-main.ts"], ["tests/chaos/main.ts"]] },
  outage: { steps: [["stack/servers-main.ts"], ["tests/outage/main.ts"]] },
  mutate: { steps: [["stack/servers-main.ts"], ["tests/mutate/main.ts"]] },
  "ledger:model": { steps: [["stack/servers-main.ts"], ["tests/ledger/main.ts"]] },
  "ledger:functions": { steps: [["stack/servers-main.ts"], ["tests/ledger/functions-main.ts"]] },
  "ledger:verify": { steps: [["ledger-service/verify/main.ts"]], usesStack: true },
  replay: { steps: [["workers/replay/main.ts"]], usesStack: true },
  dlq: { steps: [["workers/dead-letter/dlq-main.ts"]] },
  simulate: { steps: [["simulator/main.ts"]], usesStack: true },
};
