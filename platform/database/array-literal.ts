/**
 * PostgreSQL array literals, for batches given to `unnest`. Built here because the driver's own encoder quotes and
 * escapes every element, which for thousands of numbers, ids and times a batch is most of its work.
 */

/** Of texts that may hold anything; null is SQL's null. */
export const textArray = (values: readonly (string | null)[]): string => `{${values.map(quote).join(",")}}`;

/** Of values whose text needs no quotes: numbers, UUIDs, ISO times. The caller has validated them. */
export const plainArray = (values: readonly (string | number)[]): string => `{${values.join(",")}}`;

const SPECIAL = /["\\]/;

const quote = (value: string | null): string => {
  if (value === null) return "NULL";
  return SPECIAL.test(value) ? `"${value.replaceAll(/["\\]/g, "\\$&")}"` : `"${value}"`;
};
