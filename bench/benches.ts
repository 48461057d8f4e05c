import type { Bench } from "./bench.ts";
import { analysis } from "./benches/analysis.ts";
import { bulk } from "./benches/bulk.ts";
import { idle } from "./benches/idle.ts";
import { latency } from "./benches/latency.ts";
import { offers } from "./benches/offers.ts";
import { stored } from "./benches/stored.ts";
import { chain } from "./benches/chain.ts";
import { ledger } from "./benches/ledger.ts";
import { generatorLimit } from "./benches/generator.ts";
import { path } from "./benches/path.ts";
import { growthIntake } from "./benches/growth-intake.ts";
import { growthPeople } from "./benches/growth-people.ts";
import { growthWorkers } from "./benches/growth-workers.ts";
import { persist } from "./benches/persist.ts";
import { intake } from "./benches/intake.ts";

/** In the order in which they run. */
export const benches: readonly Bench[] = [
  generatorLimit,
  intake,
  path,
  latency,
  bulk,
  persist,
  analysis,
  offers,
  ledger,
  chain,
  stored,
  idle,
  growthIntake,
  growthWorkers,
  growthPeople,
];
