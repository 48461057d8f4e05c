/**
 * Everything waits in fractions of what it waits for in production, and no quota is in the way of the traffic. But the
 * model may take its time: a dozen processes that start again at once leave little of a small machine for it.
 */
export const TUNING = {
  RETRY_BASE_MS: "100",
  ACK_WAIT_MS: "6000",
  BREAKER_RESET_MS: "1000",
  MODEL_TIMEOUT_MS: "5000",
  RATE_LIMIT_PER_SECOND: "100000",
  RATE_LIMIT_BURST: "1000000",
  AUTH_RATE_LIMIT_PER_SECOND: "10000",
  AUTH_RATE_LIMIT_BURST: "100000",
};
