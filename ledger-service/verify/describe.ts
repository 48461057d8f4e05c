import type { BrokenLink, ChainFinding } from "../chain/verify-chain.ts";
import type { HeadFinding } from "../chain/verify-heads.ts";
import type { Finding } from "./verify-ledger.ts";

const number = (count: number): string => count.toLocaleString("en-US");
const counted = (count: number, one: string, several: string): string =>
  `${number(count)} ${count === 1 ? one : several}`;

/** A line per rule, with examples below one that is broken. */
export const describeFindings = (findings: readonly Finding[]): string =>
  findings.flatMap((finding) => [line(finding), ...examples(finding)]).join("\n");

/** A line on the chain, with the first broken links below. */
export const describeChain = ({ links, records, entries, broken }: ChainFinding, keyed: boolean): string => {
  const how = keyed ? "with its key" : "by its digests alone, for LEDGER_CHAIN_KEY is not given";
  const older =
    entries > 0 ? ` (and ${counted(entries, "entry", "entries")} in links of the first version)` : "";
  const says = `The hash chain is whole: ${counted(links, "link", "links")} over ${counted(records, "record", "records")}${older}, ${how}`;
  return judged(says, broken);
};

/** A line on the heads that are kept outside of the database; undefined where nobody could look. */
export const describeHeads = (finding: HeadFinding | undefined): string => {
  if (!finding)
    return "        Not looked whether the chain has every head that was published: NATS_URL is not given";
  const { heads, last, broken } = finding;
  const upTo = last === undefined ? "" : `, up to link ${last}`;
  return judged(
    `The chain has every head that was published: ${counted(heads, "head", "heads")}${upTo}`,
    broken,
  );
};

const judged = (says: string, broken: readonly BrokenLink[]): string => {
  const first = `${broken.length === 0 ? "ok    " : "BROKEN"}  ${says}`;
  const shown = broken.slice(0, SHOWN_LINKS).map(({ link, detail }) => `          link ${link}: ${detail}`);
  const rest = broken.length - shown.length;
  return [first, ...shown, ...(rest > 0 ? [`          and ${number(rest)} more`] : [])].join("\n");
};

/** The last line: what to do next. */
export const describeVerdict = (broken: number): string =>
  broken === 0
    ? "Everything that was looked at holds."
    : `${number(broken)} of these ${broken === 1 ? "is" : "are"} broken. Keep the database, the broker's data and the logs as they are, and see "When the ledger does not verify" in docs/operations/ledger.md.`;

export const brokenRules = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ violations }) => violations > 0);

const SHOWN_LINKS = 20;

const line = ({ name, says, violations, ms }: Finding): string => {
  const took = `(${number(Math.round(ms))} ms)`;
  if (violations === 0) return `ok      ${says}  ${took}`;
  return `BROKEN  ${name}: ${says}: ${violations === 1 ? "not so once" : `not so ${number(violations)} times`}  ${took}`;
};

const examples = ({ violations, examples: shown }: Finding): string[] => {
  const rest = violations - shown.length;
  const lines = shown.map(({ subject, detail }) => `          ${subject}: ${detail}`);
  return rest > 0 ? [...lines, `          and ${number(rest)} more`] : lines;
};
