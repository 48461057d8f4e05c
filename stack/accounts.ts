import type { Secrets } from "./home/secrets.ts";
import { runJob } from "./process/job.ts";
import type { Account, StackFile } from "./stack-file.ts";

export type AccountsOptions = {
  readonly baseUrl: string;
  readonly databaseUrl: string;
  readonly secrets: Secrets;
};

/** A person to try the system with, and the operator; made the first time, found again after that. */
export const setUpAccounts = async (
  options: AccountsOptions,
): Promise<Pick<StackFile, "demo" | "operator">> => {
  const [demo, operator] = await Promise.all([setUpDemo(options), setUpOperator(options)]);
  return { demo, operator };
};

const setUpDemo = async ({ baseUrl, secrets }: AccountsOptions): Promise<StackFile["demo"]> => {
  const password = secrets.demoPassword;
  for (const email of ["demo@example.com", `demo-${secrets.internalKey.slice(0, 8)}@example.com`]) {
    const account = { email, password };
    await post(`${baseUrl}/v1/auth/register`, account, [201, 409]);
    const { access_token: token } = await post(`${baseUrl}/v1/auth/login`, account, [200, 401]);
    // A database that outlived its stack's folder has a demo person with another password.
    if (typeof token === "string") return { ...account, userId: subjectOf(token) };
  }
  throw new Error("the demo account could be neither made nor used");
};

const setUpOperator = async ({ databaseUrl, secrets }: AccountsOptions): Promise<Account> => {
  const account = { email: "operator@example.com", password: secrets.operatorPassword };
  const args = ["credit-service/operator-main.ts", "create", "--email", account.email];
  await runJob({ args, env: { DATABASE_URL: databaseUrl, OPERATOR_PASSWORD: account.password } });
  return account;
};

type Answer = Readonly<Record<string, unknown>>;

const post = async (url: string, body: object, expected: readonly number[]): Promise<Answer> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
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
