/** One operator replaced by another, at its place in a source text. */
export type Mutation = { readonly start: number; readonly from: string; readonly to: string };

export type Language = "sql" | "typescript";

/** What each operator becomes: its neighbour at the boundary, and its opposite. */
const REPLACEMENTS: Record<Language, Readonly<Record<string, readonly string[]>>> = {
  sql: {
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["*"],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "=": ["<>"],
    "<>": ["="],
  },
  typescript: {
    "+": ["-"],
    "-": ["+"],
    "*": ["/"],
    "/": ["*"],
    "%": ["*"],
    "<": ["<=", ">="],
    "<=": ["<", ">"],
    ">": [">=", "<="],
    ">=": [">", "<"],
    "===": ["!=="],
    "!==": ["==="],
  },
};

// What is no code: comments, and texts. Templates count as texts, so what they compute is left as it is.
const SKIPPED: Record<Language, RegExp> = {
  sql: /--[^\n]*|'(?:[^']|'')*'/g,
  typescript:
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|(?<=[(,=:[!&|?;{}]\s*|return )\/(?![/*])(?:[^/\\\n]|\\.)+\/[dgimsuvy]*/g,
};

/** Every mutation of the arithmetic and comparison operators that stand between spaces, as formatted code has them. */
export const findMutations = (source: string, language: Language): Mutation[] => {
  const code = source.replaceAll(SKIPPED[language], (text) => text.replaceAll(/[^\n]/g, "_"));
  return [...code.matchAll(/(?<= )[-+*/%<>=!]+(?=[ \n])/g)].flatMap(({ 0: from, index: start }) =>
    (REPLACEMENTS[language][from] ?? []).map((to) => ({ start, from, to })),
  );
};

export const mutate = (source: string, { start, from, to }: Mutation): string =>
  source.slice(0, start) + to + source.slice(start + from.length);

/** The line's number, from 1. */
export const lineOf = (source: string, { start }: Mutation): number =>
  source.slice(0, start).split("\n").length;

export const originalLine = (source: string, mutation: Mutation): string =>
  source.split("\n")[lineOf(source, mutation) - 1]!.trim();

/** Which of the lines that read the same it is, from 1. */
export const occurrenceOf = (source: string, mutation: Mutation): number => {
  const before = source.split("\n").slice(0, lineOf(source, mutation));
  return before.filter((line) => line.trim() === originalLine(source, mutation)).length;
};

export const mutatedLine = (source: string, mutation: Mutation): string =>
  originalLine(mutate(source, mutation), mutation);

/** Where it is, for people: the line's number and the line, changed. */
export const describeMutation = (source: string, mutation: Mutation): string => {
  const { from, to } = mutation;
  return `line ${lineOf(source, mutation)}, ${from} → ${to}: ${mutatedLine(source, mutation)}`;
};
