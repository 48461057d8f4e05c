/**
 * The last microsecond before an ISO 8601 moment, so that a span may end where the next one begins. Moments have at
 * most the database's microseconds.
 */
export const justBefore = (moment: string): string => {
  const at = new Date(moment);
  const digits = /\.(\d+)/.exec(moment)?.[1]?.padEnd(6, "0").slice(0, 6) ?? "000000";
  const micros = BigInt(Math.floor(at.getTime() / 1_000)) * 1_000_000n + BigInt(digits) - 1n;
  const seconds = micros / 1_000_000n;
  const rest = micros % 1_000_000n;
  return `${new Date(Number(seconds) * 1_000).toISOString().slice(0, 19)}.${String(rest).padStart(6, "0")}Z`;
};
