import type { z } from "zod";
import type { FieldError } from "./app-error.ts";
import { inPlainWords } from "./plain-words.ts";

/** A validation's complaints as JSON pointers (RFC 6901) with a sentence each. */
export const fieldErrors = (error: z.core.$ZodError, prefix = ""): FieldError[] =>
  error.issues.flatMap((issue) => {
    const pointer = prefix + toPointer(issue.path);
    if (issue.code !== "unrecognized_keys") return [{ pointer, detail: inPlainWords(issue) }];
    return issue.keys.map((key) => ({ pointer: `${pointer}/${escapeToken(key)}`, detail: "Unknown field" }));
  });

const toPointer = (path: readonly PropertyKey[]): string =>
  path.map((part) => `/${escapeToken(String(part))}`).join("");

/** A name as one token of a JSON pointer. */
export const escapeToken = (token: string): string => token.replaceAll("~", "~0").replaceAll("/", "~1");
