import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const pages = ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT })];

const proseOf = (page: string): string => read(page).replaceAll(/^( *)```.*?^\1```/gms, "");

// As GitHub makes them: lower case, without punctuation, hyphens for spaces.
const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );

const isDead = (page: string, link: string): boolean => {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && !anchorsOf(target).has(anchor);
};

test("there are pages to look at", () => {
  expect(pages.length).toBeGreaterThan(10);
});

test.each(pages)("every link on %s leads somewhere", (page) => {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  expect(links.filter((link) => !/^https?:/.test(link) && isDead(page, link))).toEqual([]);
});

test.each(pages)("every file and page of docs/ that %s names is there", (page) => {
  const folders =
    "gateway|ingestion|workers|credit-service|ledger-service|ml-mock|contracts|platform|migrations";
  const names = new RegExp(
    `\`((?:${folders}|nginx|stack|simulator|bench|tests|deploy|docs)/[\\w./-]*)\``,
    "g",
  );
  // The page of mutants is a record of files as they were when they were judged.
  const named = page === "docs/mutation.md" ? [] : [...proseOf(page).matchAll(names)];
  expect(named.map(([, name = ""]) => name).filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
});

test.each(pages)("every npm script that %s tells to run is there", (page) => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const told = [...read(page).matchAll(/npm run ([a-z][\w:-]*)/g)].map(([, name = ""]) => name);
  expect(told.filter((name) => !(name in scripts))).toEqual([]);
});

test("README.md lists every npm script", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const unlisted = Object.keys(scripts).filter((name) => !/^(start|test)$/.test(name));
  expect(unlisted.filter((name) => !read("README.md").includes(`npm run ${name}`))).toEqual([]);
});
