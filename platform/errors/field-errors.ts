import type { z } from "zod";
import type { FieldError } from "./app-error.ts";
import { inPlainWords } from "./plain-words.ts";

/**
 * A validation's complaints as JSON pointers (RFC 6901) with a sentence each.
 * @param input what was validated, where it is to be told apart what is wrong and what is not there
 */
export const fieldErrors = (error: z.core.$ZodError, input?: unknown): FieldError[] =>
  error.issues.flatMap((issue) => {
    const pointer = toPointer(issue.path);
    if (issue.code !== "unrecognized_keys")
      return [
        { pointer, detail: `${isMissing(issue, input) ? "is needed, and " : ""}${inPlainWords(issue)}` },
      ];
    return issue.keys.map((key) => ({ pointer: `${pointer}/${escapeToken(key)}`, detail: "Unknown field" }));
  });

// What a rule of several fields says of an absent one is in words of its own.
const OF_THE_VALUE: ReadonlySet<string> = new Set(["invalid_type", "invalid_value", "invalid_union"]);

const isMissing = ({ code, path }: z.core.$ZodIssue, input: unknown): boolean => {
  if (!OF_THE_VALUE.has(code) || path.length === 0 || input === undefined) return false;
  let value: unknown = input;
  for (const part of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[part];
  return value === undefined;
};

const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapeToken(String(part))}`).join("");

/** A name as one token of a JSON pointer. */
export const escapeToken = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");
