import type { Bench } from "./bench.ts";
import { generatorLimit } from "./benches/generator.ts";
import { intake } from "./benches/intake.ts";

/** In the order in which they run. */
export const benches: readonly Bench[] = [generatorLimit, intake];
