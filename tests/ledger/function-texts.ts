import { readdirSync, readFileSync } from "node:fs";

export type FunctionText = { readonly name: string; readonly text: string };

const MIGRATIONS = new URL("../../migrations/", import.meta.url);

/** How migrations write functions of the ledger, the latest first. */
export const readFunctionTexts = (): FunctionText[] =>
  readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith(".sql"))
    .toSorted()
    .flatMap((file) => findFunctionTexts(readFileSync(new URL(file, MIGRATIONS), "utf8")))
    .toReversed();

/** The statements of a migration that make a function, each with the comment above it, as `create or replace`. */
export const findFunctionTexts = (migration: string): FunctionText[] =>
  [
    ...migration.matchAll(
      /(?<comment>(?:^--.*\n)*)^create (?:or replace )?(?=function (?<name>ledger_\w+))/gm,
    ),
  ].map((match) => {
    const { comment = "", name = "" } = match.groups!;
    const begin = match.index + match[0].length;
    return { name, text: `${comment}create or replace ${migration.slice(begin, endOf(migration, begin))}` };
  });

// A semicolon ends it, but not one in a text, a comment or a body.
const endOf = (sql: string, begin: number): number => {
  const token = /'(?:[^']|'')*'|--.*|\$(?<tag>\w*)\$[^]*?\$\k<tag>\$|^begin atomic$[^]*?^end;|;/gm;
  token.lastIndex = begin;
  for (let found = token.exec(sql); found; found = token.exec(sql))
    if (found[0].endsWith(";") && !found[0].startsWith("--")) return token.lastIndex;
  throw new Error(`a function is not ended: ${sql.slice(begin, begin + 60)}`);
};
