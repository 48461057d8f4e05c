/**
 * What everything that tests draw is drawn from. It is the same in every run, so that a change is what breaks a test
 * and not chance; `TEST_SEED=7 npm test` draws other things.
 */
export const TEST_SEED = Number(process.env["TEST_SEED"] ?? 20_261_126);
