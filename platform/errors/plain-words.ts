import type { z } from "zod";

// How zod's own messages begin; ours begin with a verb.
const ZODS_OWN = /^(?:Invalid|Too big|Too small|Unrecognized)/;

/**
 * What a field must be. A schema says it in words of its own; where it has none, this says it as our schemas would,
 * instead of "Invalid input: expected string, received number".
 */
export const inPlainWords = (issue: z.core.$ZodIssue): string => {
  if (!ZODS_OWN.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${NOUNS[issue.expected] ?? `a ${issue.expected}`}`;
    case "invalid_value":
      return `must be ${issue.values.map(String).join(" or ")}`;
    case "too_big":
      return `must ${bound(issue.origin, "at most", issue.maximum)}`;
    case "too_small":
      if (issue.origin === "string" && issue.minimum === 1) return "must not be empty";
      return `must ${bound(issue.origin, "at least", issue.minimum)}`;
    case "invalid_union":
      return union(issue.errors) ?? UNKNOWN;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "custom":
    case "invalid_element":
    case "invalid_format":
    case "invalid_key":
    case "unrecognized_keys":
    default:
      return UNKNOWN;
  }
};

const UNKNOWN = "is not what can be taken here";

const NOUNS: Record<string, string> = {
  string: "a text",
  int: "a whole number",
  array: "a list",
  object: "an object",
  boolean: "true or false",
};

const bound = (origin: string, relation: string, limit: number | bigint): string => {
  if (origin === "string") return `have ${relation} ${limit} characters`;
  return origin === "array" ? `have ${relation} ${limit}` : `be ${relation} ${limit}`;
};

// Every way in which it could have been right, when each is one complaint about the value itself.
const union = (ways: readonly (readonly z.core.$ZodIssue[])[]): string | undefined => {
  const alone = ways.flatMap(([issue, ...others]) =>
    issue && others.length === 0 && issue.path.length === 0 ? [issue] : [],
  );
  if (alone.length === 0 || alone.length < ways.length) return undefined;
  const words = [...new Set(alone.map(inPlainWords))];
  if (words.length > 1 && !words.every((word) => word.startsWith("must be "))) return undefined;
  return words.map((word, at) => (at === 0 ? word : word.slice("must be ".length))).join(" or ");
};
