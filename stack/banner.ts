import { relative } from "node:path";
import { ROOT } from "./root.ts";
import type { StackFile } from "./stack-file.ts";

/** What a person needs to begin: where everything is, a login, and three calls that work as they stand. */
export const banner = (
  { baseUrl, docsUrl, demo, operator, internalKey }: StackFile,
  folder: string,
): string => `
The Empathic Credit System is ready.

  API        ${baseUrl}
  Reference  ${docsUrl}
  Person     ${demo.email}  ${demo.password}
  Operator   ${operator.email}  ${operator.password}
  Details    ${shown(folder)}/stack.json, logs in ${shown(folder)}/logs

Log in, then send an emotion, a purchase, and ask for credit:

  TOKEN=$(curl -s ${baseUrl}/v1/auth/login -H 'content-type: application/json' \\
    -d '{"email":"${demo.email}","password":"${demo.password}"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')

  curl -s ${baseUrl}/v1/emotions/stream -H 'content-type: application/json' -H 'x-internal-key: ${internalKey}' \\
    -d '{"userId":"${demo.userId}","timestamp":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'","emotionEvent":{"type":"calm","metrics":{"positivity":0.8,"intensity":0.4,"stress_level":0.1}}}'

  curl -s ${baseUrl}/v1/transactions -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \\
    -d '{"userId":"${demo.userId}","amount":42.50}'

  curl -s -X POST ${baseUrl}/v1/users/${demo.userId}/credit-analysis -H "authorization: Bearer $TOKEN"

Stop with Ctrl-C; the data stays. Begin with empty data: npm start -- --fresh
`;

const shown = (folder: string): string => {
  const path = relative(ROOT, folder);
  return path.startsWith("..") ? folder : path;
};
