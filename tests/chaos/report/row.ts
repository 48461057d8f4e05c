/** What clients saw of one fault, and what became of what they sent meanwhile. */
export type Row = {
  /** 0 is the time before the first fault. */
  readonly number: number;
  readonly fault: string;
  readonly requests: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly refusingForMs: number;
  readonly failedAcceptances: number;
  readonly longestWithoutTelemetryMs: number;
  readonly longestWithoutCreditMs: number;
  readonly recoveredAfterMs: number | undefined;
  readonly lost: number;
  readonly doubled: number;
};

export const countErrors = ({ errors }: Pick<Row, "errors">): number =>
  Object.values(errors).reduce((sum, count) => sum + count, 0);
