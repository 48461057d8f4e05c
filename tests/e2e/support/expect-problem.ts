import { expect } from "vitest";
import { type ErrorCode, errorCodes } from "../../../platform/errors/error-codes.ts";
import type { Answer } from "./client.ts";

type Problem = { requestId: string; errors?: { pointer: string; detail: string }[] };

/**
 * The answer is this problem, whole: status, media type, every member of RFC 9457 that we promise, and the headers
 * that go with the status. `pointers` are those of `errors`, in any order; without it there may be none or some.
 */
export const expectProblem = (
  answer: Answer<unknown>,
  code: ErrorCode,
  expected: { pointers?: string[] } = {},
): void => {
  const { status, title } = errorCodes[code];
  expect({ status: answer.status, body: answer.body }).toMatchObject({
    status,
    body: {
      type: `/problems/${code}`,
      title,
      status,
      detail: expect.stringMatching(/\S/) as string,
      instance: answer.path,
      code,
      requestId: expect.stringMatching(/\S/) as string,
    },
  });
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json\b/);
  const problem = answer.body as Problem;
  expect(answer.headers.get("x-request-id")).toBe(problem.requestId);
  expectCompanions(answer, status);
  if (expected.pointers) {
    expect(problem.errors?.map(({ pointer }) => pointer).toSorted()).toEqual(expected.pointers.toSorted());
    for (const { detail } of problem.errors ?? []) expect(detail).toMatch(/\S/);
  }
};

// RFC 9110: a 401 names a scheme (§11.6.1), a 405 names what is allowed (§15.5.6); 429 and 503 say when to come back.
const expectCompanions = ({ headers }: Answer<unknown>, status: number): void => {
  if (status === 401) expect(headers.get("www-authenticate")).toMatch(/^Bearer realm="/);
  if (status === 405) expect(headers.get("allow")).toMatch(/^[A-Z]+(, ?[A-Z]+)*$/);
  if (status === 429 || status === 503) expect(headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
};
