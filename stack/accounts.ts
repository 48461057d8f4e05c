import type { Secrets } from "./home/secrets.ts";
import { runJob } from "./process/job.ts";
import type { Account, StackFile } from "./stack-file.ts";

export type AccountsOptions = {
  readonly baseUrl: string;
  readonly databaseUrl: string;
  readonly secrets: Secrets;
  readonly signal: AbortSignal;
};

/** A person to try the system with, and the operator; made the first time, found again after that. */
export const setUpAccounts = async (
  options: AccountsOptions,
): Promise<Pick<StackFile, "demo" | "operator">> => {
  const [demo, operator] = await Promise.all([setUpDemo(options), setUpOperator(options)]);
  return { demo, operator: { email: operator.email, password: operator.password } };
};

const setUpDemo = (options: AccountsOptions): Promise<StackFile["demo"]> =>
  setUp("demo", options.secrets.demoPassword, options, async (account) => {
    await post(`${options.baseUrl}/v1/auth/register`, account, [201, 409], options.signal);
  });

const EMAIL_TAKEN = 3;

// The way that `npm run operator` goes too.
const setUpOperator = (options: AccountsOptions): Promise<StackFile["demo"]> =>
  setUp("operator", options.secrets.operatorPassword, options, async ({ email, password }) => {
    await runJob({
      args: ["credit-service/operator-main.ts", "create", "--email", email, "--password-stdin"],
      env: { DATABASE_URL: options.databaseUrl },
      input: password,
      accepted: [0, EMAIL_TAKEN],
      signal: options.signal,
    });
  });

const setUp = async (
  name: string,
  password: string,
  { baseUrl, secrets, signal }: AccountsOptions,
  make: (account: Account) => Promise<void>,
): Promise<StackFile["demo"]> => {
  // A database that outlived its stack's folder knows the first under another password.
  for (const email of [
    `${name}@example.com`,
    `${name}-${secrets.databasePassword.slice(0, 8)}@example.com`,
  ]) {
    const account = { email, password };
    await make(account);
    const { access_token: token } = await post(`${baseUrl}/v1/auth/login`, account, [200, 401], signal);
    if (typeof token === "string") return { ...account, userId: subjectOf(token) };
  }
  throw new Error(`the ${name} account could be neither made nor used`);
};

type Answer = Readonly<Record<string, unknown>>;

const post = async (
  url: string,
  body: object,
  expected: readonly number[],
  signal: AbortSignal,
): Promise<Answer> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(15_000)]),
  });
  const text = await response.text();
  if (!expected.includes(response.status))
    throw new Error(`POST ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
};

// The token was handed to us by the system itself; what it says needs no checking here.
const subjectOf = (token: string): string => {
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8");
  return String((JSON.parse(payload) as { sub?: unknown }).sub);
};
