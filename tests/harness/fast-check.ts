import { configureGlobal } from "fast-check";
import { TEST_SEED } from "./seed.ts";

/** fast-check as tests use it: a run draws what the run before drew. */
export { default } from "fast-check";

configureGlobal({ seed: TEST_SEED });
