import type { Answer } from "../sql/answer.ts";

/**
 * A refusal in the words of the request that it answers: the database names the fields of a transfer or an
 * authorization, which another request may call something else. The same bytes in, the same bytes out.
 */
export const renamePointers = (answer: Answer, names: Record<string, string>): Answer => {
  if (answer.status < 400) return answer;
  let { body } = answer;
  for (const [ours, theirs] of Object.entries(names))
    body = body.replaceAll(`"pointer":"${ours}"`, `"pointer":"${theirs}"`);
  return { ...answer, body };
};
