export type Tree = { [key: string]: string | Tree };

/**
 * Reads the part of YAML that our compose file is written in: block mappings, anchors, aliases and merges. Lists and
 * nested flow mappings stay text. Enough to compare names with the code; an engine reads the rest.
 */
export const readYaml = (text: string): Tree => {
  const lines = text.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
  const anchors = new Map<string, string | Tree>();
  let at = 0;

  const readMapping = (indent: number): Tree => {
    const tree: Tree = {};
    while (at < lines.length && indentOf(lines[at]!) >= indent) {
      const line = /^ *([\w<-]+):(?: +&([\w-]+))? *(.*)$/.exec(lines[at++]!);
      if (!line) continue;
      const [, key = "", anchor, rest = ""] = line;
      const value = rest === "" || rest === ">-" ? readNested(indent) : readValue(rest);
      if (anchor) anchors.set(anchor, value);
      put(tree, key, value);
    }
    return tree;
  };
  const readNested = (indent: number): Tree => {
    const next = at < lines.length ? indentOf(lines[at]!) : 0;
    return next > indent ? readMapping(next) : {};
  };
  const readValue = (value: string): string | Tree => {
    if (value.startsWith("*")) return anchors.get(value.slice(1)) ?? missing(value);
    const flow = /^\{ ([^{}]*) \}$/.exec(value)?.[1];
    if (flow === undefined) return value.replace(/^(["'])(.*)\1$/, "$2");
    const tree: Tree = {};
    for (const pair of flow.split(", ")) {
      const [key = "", ...words] = pair.split(": ");
      put(tree, key, readValue(words.join(": ")));
    }
    return tree;
  };
  const put = (tree: Tree, key: string, value: string | Tree): void => {
    if (key !== "<<") {
      tree[key] = value;
      return;
    }
    const merged = typeof value === "string" ? value.slice(1, -1).split(", ").map(readValue) : [value];
    for (const one of merged) if (typeof one === "object") Object.assign(tree, { ...one, ...tree });
  };
  return readMapping(0);
};

const indentOf = (line: string): number => line.length - line.trimStart().length;

const missing = (alias: string): never => {
  throw new Error(`docker-compose.yaml: nothing is called ${alias.slice(1)}`);
};
