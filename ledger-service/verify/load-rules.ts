import { readdirSync, readFileSync } from "node:fs";

export type Rule = {
  /** The file's name. */
  readonly name: string;
  /** What holds, as its first line says. */
  readonly says: string;
  /** A query of (subject, detail) that returns whatever breaks it. */
  readonly query: string;
};

const FOLDER = new URL("rules/", import.meta.url);

/** Every rule of the folder, in the order of their names. */
export const loadRules = (): Rule[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => {
      const query = readFileSync(new URL(file, FOLDER), "utf8");
      const says = /^-- (?<says>.+)\n/.exec(query)?.groups?.["says"];
      if (!says) throw new Error(`${file} must begin with a comment that says what holds`);
      return { name: file.slice(0, -".sql".length), says, query };
    });
