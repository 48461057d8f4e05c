import type { BrokenLink, ChainFinding } from "../chain/verify-chain.ts";
import type { HeadFinding } from "../chain/verify-heads.ts";
import type { Finding } from "./verify-ledger.ts";

const number = (count: number): string => count.toLocaleString("en-US");

/** A line per rule, with examples below one that is broken. */
export const describeFindings = (findings: readonly Finding[]): string =>
  findings.flatMap((finding) => [line(finding), ...examples(finding)]).join("\n");

/** A line on the chain, with the first broken links below. */
export const describeChain = ({ links, entries, broken }: ChainFinding, keyed: boolean): string => {
  const how = keyed ? "with its key" : "by its digests alone, for LEDGER_CHAIN_KEY is not given";
  const says = `The hash chain is whole: ${number(links)} links over ${number(entries)} entries, ${how}`;
  return judged(says, broken);
};

/** A line on the heads that are kept outside of the database; undefined where nobody could look. */
export const describeHeads = (finding: HeadFinding | undefined): string => {
  if (!finding)
    return "        Not looked whether the chain has every head that was published: NATS_URL is not given";
  const { heads, last, broken } = finding;
  const upTo = last === undefined ? "" : `, up to link ${last}`;
  return judged(`The chain has every head that was published: ${number(heads)} heads${upTo}`, broken);
};

const judged = (says: string, broken: readonly BrokenLink[]): string => {
  const first = `${broken.length === 0 ? "ok    " : "BROKEN"}  ${says}`;
  const shown = broken.slice(0, SHOWN_LINKS).map(({ link, detail }) => `          link ${link}: ${detail}`);
  const rest = broken.length - shown.length;
  return [first, ...shown, ...(rest > 0 ? [`          and ${number(rest)} more`] : [])].join("\n");
};

export const brokenRules = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ violations }) => violations > 0);

const SHOWN_LINKS = 5;

const line = ({ says, violations, ms }: Finding): string =>
  `${violations === 0 ? "ok    " : "BROKEN"}  ${says}${violations === 0 ? "" : `: ${number(violations)} times`}  (${number(Math.round(ms))} ms)`;

const examples = ({ violations, examples: shown }: Finding): string[] => {
  const rest = violations - shown.length;
  const lines = shown.map(({ subject, detail }) => `          ${subject}: ${detail}`);
  return rest > 0 ? [...lines, `          and ${number(rest)} more`] : lines;
};
