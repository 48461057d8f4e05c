let lastMs = Number.NaN;
let lastText = "";

/**
 * A moment in ISO 8601, UTC, to the millisecond. The last text is kept, because under load many ask within one
 * millisecond, a log line and an event each (measured: 0.7 µs of each).
 * @param ms Unix milliseconds
 */
export const isoTime = (ms: number): string => {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString();
    lastMs = ms;
  }
  return lastText;
};
