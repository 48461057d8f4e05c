/** A line of somebody else's statement of an account; amounts in minor units, what the account received positive. */
export type StatementLine = {
  /** Its place in the file. */
  readonly line: number;
  /** A day, YYYY-MM-DD. */
  readonly date: string;
  readonly amount: bigint;
  readonly reference: string | null;
};

/** An entry of ours on that account. */
export type LedgerLine = {
  readonly transferId: string;
  readonly date: string;
  readonly amount: bigint;
  readonly reference: string | null;
};

export type Outcome =
  | "matched_by_reference"
  | "matched_by_amount_and_date"
  | "amount_differs"
  | "repeated_line"
  | "ambiguous"
  | "not_in_ledger"
  | "not_in_statement";

export type Item = {
  readonly outcome: Outcome;
  readonly line: StatementLine | null;
  readonly entry: LedgerLine | null;
};

export const isMatch = ({ outcome }: Item): boolean =>
  outcome === "matched_by_reference" || outcome === "matched_by_amount_and_date";

/**
 * Compares a statement with our entries. Each line and each entry is in exactly one item. The rules, in their order:
 *
 * 1. A line that names a transfer (by its reference or its id) and has its amount is matched, whatever the dates.
 * 2. One that names a transfer which another line has matched is a repeated line.
 * 3. One that names a transfer of another amount: the amount differs.
 * 4. A line and an entry of the same amount, within the tolerance in days, are matched if each is the other's only
 *    nearest; where several are equally near, the line is ambiguous.
 * 5. What is left is not in the ledger, or not in the statement.
 */
export const reconcile = (
  lines: readonly StatementLine[],
  entries: readonly LedgerLine[],
  toleranceDays: number,
): Item[] => {
  const open = new Set(entries);
  const named = byReference(lines, entries, open);
  const items = [...named.items, ...byAmountAndDate(named.rest, open, toleranceDays)];
  return [
    ...items.toSorted((a, b) => a.line!.line - b.line!.line),
    ...[...open].map((entry): Item => ({ outcome: "not_in_statement", line: null, entry })),
  ];
};

const byReference = (
  lines: readonly StatementLine[],
  entries: readonly LedgerLine[],
  open: Set<LedgerLine>,
): { items: Item[]; rest: StatementLine[] } => {
  const namesakes = Map.groupBy(
    entries.flatMap((entry) =>
      [entry.transferId, entry.reference].flatMap((name) => (name === null ? [] : [{ name, entry }])),
    ),
    ({ name }) => name,
  );
  const items: Item[] = [];
  const undecided: StatementLine[] = [];
  for (const line of lines) {
    const candidates = namesOf(line, namesakes).filter(({ amount }) => amount === line.amount);
    const entry = candidates.find((candidate) => open.has(candidate));
    if (entry) open.delete(entry);
    if (entry) items.push({ outcome: "matched_by_reference", line, entry });
    else if (candidates.length > 0) items.push({ outcome: "repeated_line", line, entry: null });
    else undecided.push(line);
  }
  const rest: StatementLine[] = [];
  // Only now: a later line may have had the right amount.
  for (const line of undecided) {
    const entry = namesOf(line, namesakes).find((candidate) => open.has(candidate));
    if (entry) open.delete(entry);
    if (entry) items.push({ outcome: "amount_differs", line, entry });
    else rest.push(line);
  }
  return { items, rest };
};

// Those nearest in time first: a reference is unique to who gave it, and to nobody else.
const namesOf = (
  { reference, date }: StatementLine,
  namesakes: ReadonlyMap<string, { entry: LedgerLine }[]>,
): LedgerLine[] => {
  const away = (entry: LedgerLine): number => Math.abs(dayOf(entry.date) - dayOf(date));
  const named = reference === null ? [] : (namesakes.get(reference) ?? []);
  return named.map(({ entry }) => entry).toSorted((a, b) => away(a) - away(b));
};

const byAmountAndDate = (
  lines: readonly StatementLine[],
  open: Set<LedgerLine>,
  toleranceDays: number,
): Item[] => {
  const waiting = indexByDay(lines);
  const left = indexByDay([...open]);
  const items: Item[] = [];
  // A pair that is found may leave another one alone with each other.
  for (let found = true; found;) {
    found = false;
    for (const line of waiting.all) {
      const entry = only(left.nearest(line, toleranceDays));
      if (!entry || only(waiting.nearest(entry, toleranceDays)) !== line) continue;
      waiting.remove(line);
      left.remove(entry);
      open.delete(entry);
      items.push({ outcome: "matched_by_amount_and_date", line, entry });
      found = true;
    }
  }
  return [
    ...items,
    ...[...waiting.all].map((line): Item => {
      const outcome = left.nearest(line, toleranceDays).length > 0 ? "ambiguous" : "not_in_ledger";
      return { outcome, line, entry: null };
    }),
  ];
};

const only = <T>(items: readonly T[]): T | undefined => (items.length === 1 ? items[0] : undefined);

type Dated = { readonly date: string; readonly amount: bigint };

/** Lines or entries by their amount and day, so that looking for near ones does not look at all of them. */
const indexByDay = <T extends Dated>(items: readonly T[]) => {
  const all = new Set(items);
  const days = new Map<string, Set<T>>();
  const keyOf = (amount: bigint, day: number): string => `${amount} ${day}`;
  for (const item of items) {
    const key = keyOf(item.amount, dayOf(item.date));
    days.set(key, (days.get(key) ?? new Set()).add(item));
  }
  return {
    all,
    remove: (item: T): void => {
      all.delete(item);
      days.get(keyOf(item.amount, dayOf(item.date)))?.delete(item);
    },
    /** Those with the same amount on the nearest day within the tolerance: none, one, or two of the several. */
    nearest: ({ amount, date }: Dated, toleranceDays: number): T[] => {
      for (let away = 0; away <= toleranceDays; away++) {
        const places = away === 0 ? [0] : [-away, away];
        const found = places.flatMap((shift) => firstTwo(days.get(keyOf(amount, dayOf(date) + shift))));
        if (found.length > 0) return found;
      }
      return [];
    },
  };
};

const firstTwo = <T>(items: ReadonlySet<T> = new Set()): T[] => {
  const found: T[] = [];
  for (const item of items) if (found.push(item) === 2) break;
  return found;
};

const DAY_MS = 24 * 60 * 60 * 1_000;

const dayOf = (date: string): number => Date.parse(date) / DAY_MS;
