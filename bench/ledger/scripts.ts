/** Wallets that the benches move money between, by number from 1; number 0 is a house account in parts. */
export const WALLETS = 10_000;
/** The last ones are credit lines instead, for holds. */
export const LINES = 10_000;

/** Of the house account: twice as many as the sessions that pay out of it, so that two seldom meet. */
export const PARTS = 64;

const HALF = WALLETS / 2;

// The numbers that ids and keys are made of come from pgbench, as all of TPC-B's do; the service makes its own.
const NEW = `\\set low random(1, 1000000000000000)
\\set key random(1, 9000000000000000000)`;

// UUIDv7, in the order of time: milliseconds, version, and what is random behind it.
const newId = (low = ":low"): string =>
  `(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7000'
    || lpad(to_hex((${low})::bigint), 16, '8'))::uuid`;

/** The id of an account by its number, in SQL: `expression` is a whole number. */
const idOf = (expression: string): string =>
  `('00000000-0000-4000-8000-' || lpad(to_hex((${expression})::bigint), 12, '0'))::uuid`;

/** The same here. */
export const accountId = (number: number): string =>
  `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;

/** What the service has events carry along. */
export const HEADERS = {
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  "x-request-id": "01a21391-c599-793d-a4fc-5fa29913ff39",
};

// Read anew for each call, as what a client sends is.
const headers = `('${JSON.stringify(HEADERS).slice(0, -2)}-' || :key::text || '"}')::jsonb`;

// As the service asks: with an id in the order of time, and the answer as a column.
const post = (
  source: string,
  destination: string,
): string => `select (a.answer).status from (select ledger_post_one(
  source => ${source}, destination => ${destination}, id => ${newId()}, amount => 0.01, type => 'transfer',
  scope => 'platform', key => 'key-' || :key::text, hash => '\\x01'::bytea, headers => ${headers}) as answer) as a;
`;

/** One transfer between any two wallets, with key, entries and event, a commit each. */
export const single = `${NEW}
\\set from random(1, ${WALLETS})
\\set to 1 + (:from + random(0, ${WALLETS - 2})) % ${WALLETS}
${post(idOf(":from"), idOf(":to"))}`;

/** The same out of the one house account. */
export const hot = `${NEW}
\\set wallet random(1, ${WALLETS})
${post(idOf("0"), idOf(":wallet"))}`;

export const BULK = 50;

/** So many of them in one call and one commit, each with a key of its own. */
export const bulk = `${NEW}
\\set first random(1, ${HALF - BULK})
select count(status) from ledger_post(
  accounts => array(select ${idOf("n")} from generate_series(:first::integer, :first::integer + ${BULK - 1}) as n)
    || array(select ${idOf("n")} from generate_series(:first::integer + ${HALF}, :first::integer + ${HALF + BULK - 1}) as n),
  ids => array(select ${newId(":low::bigint + n")} from generate_series(1, ${BULK}) as n),
  sources => array(select n from generate_series(1, ${BULK}) as n),
  destinations => array(select n + ${BULK} from generate_series(1, ${BULK}) as n),
  amounts => array_fill(0.01, array[${BULK}]), types => array_fill('transfer'::text, array[${BULK}]),
  scopes => array_fill('platform'::text, array[${BULK}]),
  keys => array(select 'key-' || :key::text || '-' || n from generate_series(1, ${BULK}) as n),
  hashes => array_fill('\\x01'::bytea, array[${BULK}]), headers => array_fill(${headers}, array[${BULK}]));
`;

/** Either of these scripts once, with numbers of our own instead of pgbench's. */
export const once = (script: string, number: number): string =>
  script
    .slice(script.indexOf("select"))
    .replaceAll(":first::integer", String(1 + (number % (HALF - BULK - 1))))
    .replaceAll("(:from)", String(1 + (number % HALF)))
    .replaceAll("(:to)", String(1 + HALF + (number % HALF)))
    .replaceAll(":low", String(number))
    .replaceAll(":key::text", `'${number}'::text`);

/** A purchase that is decided and reserved on somebody's credit line. */
export const hold = `${NEW}
\\set line random(${WALLETS + 1}, ${WALLETS + LINES})
select (a.answer).status from (select ledger_authorize_one(
  id => ${newId()}, owner_id => ${idOf(":line")}, amount => 0.01, currency => 'USD', scope => 'platform', seconds => 600,
  key => 'key-' || :key::text, hash => '\\x01'::bytea, max_amount => 10000, velocity_seconds => 60,
  velocity_count => 30, velocity_amount => 20000, headers => ${headers}) as answer) as a;
`;

/** A house account in parts, wallets with money, and lines with a limit. */
export const accounts = `
  insert into ledger_accounts (id, kind, currency, exponent, sub_balances, created_at, updated_at)
    values (${idOf("0")}, 'system', 'USD', 2, ${PARTS}, now(), now());
  insert into ledger_sub_balances (account_id, sub, updated_at)
    select ${idOf("0")}, n, now() from generate_series(1, ${PARTS}) as n;
  insert into ledger_accounts (id, kind, currency, exponent, credit_limit, credits_posted, created_at, updated_at)
    select ${idOf("n")}, 'wallet', 'USD', 2, 0, 1000000000, now(), now() from generate_series(1, ${WALLETS}) as n;
  insert into ledger_accounts (id, kind, currency, exponent, credit_limit, owner_id, created_at, updated_at)
    select ${idOf("n")}, 'credit_line', 'USD', 2, 1000000000, ${idOf("n")}, now(), now()
    from generate_series(${WALLETS + 1}, ${WALLETS + LINES}) as n;
  insert into ledger_accounts (id, external_id, kind, currency, exponent, sub_balances, created_at, updated_at)
    values (${idOf(String(WALLETS + LINES + 1))}, 'settlement:USD', 'system', 'USD', 2, 4, now(), now());
  insert into ledger_sub_balances (account_id, sub, updated_at)
    select ${idOf(String(WALLETS + LINES + 1))}, n, now() from generate_series(1, 4) as n;
`;
