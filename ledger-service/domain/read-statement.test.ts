import { expect, test } from "vitest";
import { readStatement } from "./read-statement.ts";

test("columns are found by their names, in any order, others left aside; amounts are read by their digits", () => {
  const csv = `\uFEFFAmount,note,Date,reference\r\n-12.5,"a, ""b""",2026-11-01,order-1\r\n\r\n+0.010,,2026-02-28,\r\n`;
  expect(readStatement(csv, 2)).toEqual({
    lines: [
      { line: 2, date: "2026-11-01", amount: -1_250n, reference: "order-1" },
      { line: 4, date: "2026-02-28", amount: 1n, reference: null },
    ],
  });
  expect(readStatement("date,amount\n2026-11-01,7", 0)).toMatchObject({ lines: [{ amount: 7n }] });
});

test.each([
  ["date\n2026-11-01", ["/1/amount"]],
  ["reference\nx", ["/1/date", "/1/amount"]],
  ["", ["/1"]],
  [" \n\n", ["/1"]],
  ["\n\ndate\n2026-11-01", ["/3/amount"]],
  ["\ndate,amount,Date\n2026-11-01,1,2", ["/2/date"]],
  ["\ndate,amount\n", ["/3"]],
  ["date,amount\n2026-11-01,1\n25/11/2026,1", ["/3/date"]],
  ['date,amount\n2026-11-01,"1,234.50"', ["/2/amount"]],
  ["date,amount\n2026-11-01,1\0", ["/2/amount"]],
  ["date,amount,reference\n2026-11-01,1,a\0b", ["/2/reference"]],
  ["date,amount", ["/2"]],
  ["date,amount,Amount\n2026-11-01,1,2", ["/1/amount"]],
  ["date,amount\n2026-02-29,1", ["/2/date"]],
  ["date,amount\n0000-01-01,1", ["/2/date"]],
  ["date,amount\n01.11.2026,1", ["/2/date"]],
  ["date,amount\n2026-11-01,1.001", ["/2/amount"]],
  ["date,amount\n2026-11-01,0.00", ["/2/amount"]],
  ["date,amount\n2026-11-01,1e3", ["/2/amount"]],
  ["date,amount\nnever,much\n2026-11-01,x", ["/2/date", "/2/amount", "/3/amount"]],
  ["date,amount\n2026-11-01", ["/2"]],
  ['date,amount\n"2026-11-01,1', ["/2"]],
  [`date,amount,reference\n2026-11-01,1,${"r".repeat(129)}`, ["/2/reference"]],
])("%j is refused, and the line and column are named", (csv, pointers) => {
  const read = readStatement(csv, 2);
  expect("faults" in read && read.faults.map(({ pointer }) => pointer)).toEqual(pointers);
});

test("an amount has at most 15 digits before the point, and 18 in all", () => {
  const read = (amount: string, exponent: number) =>
    readStatement(`date,amount\n2026-11-01,${amount}`, exponent);
  expect(read("999999999999999.99", 2)).toMatchObject({ lines: [{ amount: 99_999_999_999_999_999n }] });
  expect(read("1000000000000000", 2)).toMatchObject({ faults: [{ pointer: "/2/amount" }] });
  expect(read("-99999999999999.9999", 4)).toMatchObject({ lines: [{ amount: -999_999_999_999_999_999n }] });
  expect(read("100000000000000", 4)).toMatchObject({ faults: [{ pointer: "/2/amount" }] });
});

test("a reference of 128 characters is the longest", () => {
  const reference = "r".repeat(128);
  const csv = `date,amount,reference\n2026-11-01,1,${reference}`;
  expect(readStatement(csv, 2)).toMatchObject({ lines: [{ reference }] });
});

test("20,000 lines are read, one more is refused", () => {
  const csv = (lines: number): string => `date,amount\n${"2026-11-01,1\n".repeat(lines)}`;
  expect("lines" in readStatement(csv(20_000), 2)).toBe(true);
  expect(readStatement(csv(20_001), 2)).toMatchObject({ faults: [{ pointer: "/20002" }] });
});

test.each([
  ["date;amount\n2026-11-30;1,50", "/1", "has columns separated by semicolons, not by commas"],
  ["\uFEFF\r\ndate\tamount\r\n2026-11-30\t1.50", "/1", "has columns separated by tabs, not by commas"],
  ["date|amount\n2026-11-30|1.50", "/1", "has columns separated by bars, not by commas"],
  ["Day,Value\n2026-11-30,1", "/1/date", 'is missing in the heading, which has "Day", "Value"'],
  ["date,amount\n2026-11-30,1\n2026-11-30,1,234.50", "/3", "has 3 columns, the line before another number"],
  ['date,amount,reference\n2026-11-30,1,a "b" c', "/2", "each written twice"],
  ['date,amount,reference\n2026-11-30,1,"a\n2026-11-30,1,b', "/3", "ends within a quote"],
  ["date,amount\n2026-11-30,1 234.50", "/2/amount", "without separators of thousands"],
  [`date,amount\n${"2026-11-01,1\n".repeat(50_000)}`, "/20002", "at most 20000 lines: send it in parts"],
])("a statement that is written otherwise hears where and how it should be: %#", (csv, pointer, detail) => {
  expect(readStatement(csv, 2)).toMatchObject({
    faults: expect.arrayContaining([{ pointer, detail: expect.stringContaining(detail) }]),
  });
});

test("a second line that says the same is read as well, and lines may end in any way", () => {
  for (const end of ["\n", "\r\n", "\r"])
    expect(readStatement(["date,amount", "2026-11-01,1", "2026-11-01,1"].join(end), 2)).toMatchObject({
      lines: [{ line: 2 }, { line: 3 }],
    });
});
