import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { buildOpenapiDocument } from "./reference/openapi-document.ts";
import { buildRouteTable, definitionsOf } from "./routing/route-table.ts";

const FILE = fileURLToPath(new URL("../docs/openapi.json", import.meta.url));

const document = buildOpenapiDocument(definitionsOf(buildRouteTable()));
const text = `${JSON.stringify(document, null, 2)}\n`;

if (process.argv.includes("--check")) {
  if (readIfThere(FILE) !== text) {
    process.stderr.write("docs/openapi.json is not what the contracts say. Run: npm run openapi\n");
    process.exitCode = 1;
  }
} else {
  writeFileSync(FILE, text);
  process.stdout.write(`wrote ${FILE}\n`);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
