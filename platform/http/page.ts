export type Page<Row> = {
  readonly items: Row[];
  /** The row behind which the next page begins; undefined where this is the last one. */
  readonly last: Row | undefined;
};

/**
 * Makes a page of rows that were asked for with one more than its limit: whether that one came tells whether there is a
 * next page.
 */
export const pageOf = <Row>(rows: readonly Row[], limit: number): Page<Row> => ({
  items: rows.slice(0, limit),
  last: rows.length > limit ? rows[limit - 1] : undefined,
});
