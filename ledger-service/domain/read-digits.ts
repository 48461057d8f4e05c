// Fields whose numbers are read by their digits. A float would lose some of them, and 0.1 + 0.2 is not to be found here.
const BY_DIGITS: ReadonlySet<string> = new Set([
  "amount",
  "openingBalance",
  "creditLimit",
  "initial_balance",
  "account_id",
  "source_account_id",
  "destination_account_id",
  "transaction_id",
  "user_id",
]);

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver?: Reviver) => unknown;

/**
 * Parses JSON; numbers in fields of money and of clients' own ids become the very text that stood there.
 * @throws SyntaxError
 */
export const parseByDigits = (text: string): unknown =>
  NUMBER_IN_FIELD.test(text)
    ? parse(text, (key, value, { source }) =>
        typeof value === "number" && BY_DIGITS.has(key) ? (source ?? value) : value,
      )
    : parse(text);

// Most clients send texts, and the plain parser takes a fifth of the time.
const NUMBER_IN_FIELD = /:\s*-?\d/;
