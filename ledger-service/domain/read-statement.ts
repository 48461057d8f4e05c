import { CsvError, parse } from "csv-parse/sync";
import type { StatementLine } from "./reconcile.ts";

export type StatementFault = { readonly pointer: string; readonly detail: string };
export type ReadStatement =
  | { readonly lines: StatementLine[] }
  | { readonly faults: readonly StatementFault[] };

const COLUMNS = ["date", "amount", "reference"];
const MOST_LINES = 20_000;
const MOST_FAULTS = 20;
/** In all, so that every amount is a bigint of PostgreSQL. */
const MOST_DIGITS = 18;
// No calendar has a year 0.
const DATE = /^(?!0000)\d{4}-\d{2}-\d{2}$/;
const AMOUNT = /^(?<sign>[+-]?)(?<whole>\d+)(?:\.(?<places>\d{1,4}))?$/;

/**
 * Reads a statement as CSV (RFC 4180, UTF-8) with a heading: `date` (YYYY-MM-DD) and `amount` (a decimal, what the
 * account received positive), and `reference` if there is one; other columns are left aside. Faults name the line of
 * the file and the column.
 */
export const readStatement = (csv: string, exponent: number): ReadStatement => {
  const rows = parseRows(csv);
  if ("faults" in rows) return rows;
  const [heading, ...rest] = rows.rows;
  if (!heading) return { faults: [{ pointer: "/1", detail: "there is nothing in it" }] };
  const columns = heading.record.map((name) => name.toLowerCase());
  const missing = ["date", "amount"].filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    const there = `which has ${heading.record.map((name) => JSON.stringify(name)).join(", ")}`.slice(0, 200);
    return {
      faults: missing.map((name) => ({
        pointer: `/${heading.line}/${name}`,
        detail: `is missing in the heading, ${there}`,
      })),
    };
  }
  const repeated = COLUMNS.filter((name) => columns.indexOf(name) !== columns.lastIndexOf(name));
  if (repeated.length > 0)
    return {
      faults: repeated.map((name) => ({
        pointer: `/${heading.line}/${name}`,
        detail: "is twice in the heading",
      })),
    };
  if (rest.length === 0)
    return { faults: [{ pointer: `/${heading.line + 1}`, detail: "there is no line behind the heading" }] };
  if (rest.length > MOST_LINES)
    return {
      faults: [
        { pointer: `/${MOST_LINES + 2}`, detail: `at most ${MOST_LINES} lines: send it in parts, by days` },
      ],
    };
  const read = rest.map(({ record, line }) => readLine(line, toFields(columns, record), exponent));
  const faults = read.flatMap((result) => ("faults" in result ? result.faults : []));
  if (faults.length > 0) return { faults: faults.slice(0, MOST_FAULTS) };
  return { lines: read.flatMap((result) => ("line" in result ? [result.line] : [])) };
};

type Row = { readonly record: string[]; readonly line: number };

const parseRows = (csv: string): { rows: Row[] } | { faults: StatementFault[] } => {
  const separator = otherSeparator(csv);
  if (separator)
    return { faults: [{ pointer: "/1", detail: `has columns separated by ${separator}, not by commas` }] };
  try {
    const parsed = parse(csv, { bom: true, info: true, skip_empty_lines: true, trim: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return { rows: parsed.map(({ record, info }) => ({ record, line: info.lines })) };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { faults: [toFault(error)] };
  }
};

/** What stands between the names of a heading without commas; undefined where there may be one column. */
const otherSeparator = (csv: string): string | undefined => {
  const heading = /^\uFEFF?\s*(?<line>[^\r\n]*)/.exec(csv)?.groups?.["line"] ?? "";
  if (heading.includes(",")) return undefined;
  return [
    [";", "semicolons"],
    ["\t", "tabs"],
    ["|", "bars"],
  ].find(([separator]) => heading.includes(separator!))?.[1];
};

const toFault = (error: CsvError): StatementFault => {
  const line = typeof error["lines"] === "number" ? error["lines"] : 1;
  const record: unknown = error["record"];
  if (error.code === "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH" && Array.isArray(record))
    return {
      pointer: `/${line}`,
      detail: `has ${record.length} columns, the line before another number; a value with a comma in it stands in quotes`,
    };
  if (error.code === "CSV_QUOTE_NOT_CLOSED")
    return { pointer: `/${line}`, detail: "ends within a quote that is opened here or before" };
  return {
    pointer: `/${line}`,
    detail: 'is not CSV: a value with quotes stands in quotes, each written twice ("")',
  };
};

const toFields = (columns: readonly string[], record: readonly string[]): Record<string, string> =>
  Object.fromEntries(columns.map((name, index) => [name, record[index] ?? ""]));

const readLine = (
  line: number,
  fields: Record<string, string>,
  exponent: number,
): { line: StatementLine } | { faults: StatementFault[] } => {
  const { date = "", amount: text = "", reference = "" } = fields;
  const amount = toMinor(text, exponent);
  const faults = [
    ...(isDay(date) ? [] : [{ pointer: `/${line}/date`, detail: "must be a day such as 2026-11-30" }]),
    ...(amount === undefined || amount === 0n
      ? [{ pointer: `/${line}/amount`, detail: amountRule(exponent) }]
      : []),
    ...(reference.length > 128
      ? [{ pointer: `/${line}/reference`, detail: "must have at most 128 characters" }]
      : []),
    // PostgreSQL keeps none.
    ...(reference.includes("\0")
      ? [{ pointer: `/${line}/reference`, detail: "must have no NUL in it: is it UTF-8?" }]
      : []),
  ];
  if (faults.length > 0) return { faults };
  return { line: { line, date, amount: amount!, reference: reference === "" ? null : reference } };
};

const wholeDigits = (exponent: number): number => Math.min(15, MOST_DIGITS - exponent);

const amountRule = (exponent: number): string =>
  `must be a decimal such as -12.50, at most ${wholeDigits(exponent)} digits before the point and ${exponent} after it, without separators of thousands, not 0`;

const isDay = (text: string): boolean => {
  if (!DATE.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
};

const toMinor = (text: string, exponent: number): bigint | undefined => {
  const groups = AMOUNT.exec(text)?.groups;
  if (!groups) return undefined;
  const places = (groups["places"] ?? "").replace(/0+$/, "");
  const whole = groups["whole"]!;
  if (places.length > exponent || whole.length > wholeDigits(exponent)) return undefined;
  const minor = BigInt(`${whole}${places.padEnd(exponent, "0")}`);
  return groups["sign"] === "-" ? -minor : minor;
};
