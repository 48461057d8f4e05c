import type { z } from "zod";
import type { bulkReplayProgress } from "../../../contracts/http/dead-letter-replays.ts";
import type { deadLetter, deadLetterSummary } from "../../../contracts/http/dead-letter-shapes.ts";

export type Summary = z.output<typeof deadLetterSummary>;
export type Letter = z.output<typeof deadLetter>;
export type Progress = z.output<typeof bulkReplayProgress>;
export type Group = {
  stream: string;
  consumer: string;
  errorClass: string;
  count: number;
  users: number;
  firstSeen: string;
  lastSeen: string;
  lastMessage: string;
};

/** Columns as wide as they need to be. What came from an event cannot steer the terminal. */
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
  const texts = [head, ...rows.map((row) => row.map((cell) => plain(String(cell))))];
  const widths = head.map((_, column) => Math.max(...texts.map((row) => row[column]?.length ?? 0)));
  return texts
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const plain = (text: string): string => text.replaceAll(/\p{Cc}/gu, "·");
const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

export const printList = (items: readonly Summary[], nextCursor: string | null): string => {
  if (items.length === 0) return "No dead letter matches.";
  const rows = items.map((item) => [
    item.id,
    item.status,
    item.stream,
    item.errorClass,
    item.attempts,
    item.lastFailure,
    short(item.errorMessage),
  ]);
  const listed = table(["ID", "STATUS", "STREAM", "ERROR", "TRIES", "LAST FAILURE", "MESSAGE"], rows);
  return nextCursor === null ? listed : `${listed}\n\nMore: --cursor ${nextCursor}`;
};

export const printGroups = (items: readonly Group[]): string =>
  items.length === 0
    ? "No dead letter matches."
    : table(
        ["COUNT", "PEOPLE", "STREAM", "CONSUMER", "ERROR", "FIRST", "LAST", "NEWEST MESSAGE"],
        items.map((item) => [
          item.count,
          item.users,
          item.stream,
          item.consumer,
          item.errorClass,
          item.firstSeen,
          item.lastSeen,
          short(item.lastMessage),
        ]),
      );

const content = ({ format, content }: Letter["payload"]): string =>
  format === "json" ? JSON.stringify(content, null, 2) : `${plain(String(content))} (${format})`;

export const printLetter = (letter: Letter): string =>
  [
    `${letter.id}  ${letter.status}${letter.replayOf === null ? "" : `, failed again after the replay of ${letter.replayOf}`}`,
    plain(`${letter.errorClass}: ${letter.errorMessage}`),
    plain(
      `${letter.stream} ${letter.sequence}, line ${letter.line}, on ${letter.subject}, by ${letter.consumer}`,
    ),
    letter.attempts === 1
      ? `1 try at ${letter.firstFailure}`
      : `${letter.attempts} tries from ${letter.firstFailure} to ${letter.lastFailure}`,
    plain(`user ${letter.userId ?? "unknown"}, event ${letter.eventId ?? "unknown"}`),
    "",
    letter.originalPayload ? "Payload, edited:" : "Payload:",
    content(letter.payload),
    ...(letter.originalPayload ? ["", "As it came:", content(letter.originalPayload)] : []),
    "",
    "Headers:",
    ...Object.entries(letter.headers).map(([name, values]) => plain(`  ${name}: ${values.join(", ")}`)),
    "",
    letter.actions.length === 0 ? "Nobody has done anything to it." : "History:",
    ...letter.actions.map((done) =>
      plain(`  ${done.at}  ${done.action} by ${done.actor}${done.reason === null ? "" : `: ${done.reason}`}`),
    ),
  ].join("\n");

export const printProgress = (progress: Progress): string =>
  `${progress.id}  ${progress.status}: ${progress.replayed} of ${progress.total} replayed, ` +
  `${progress.refused} would fail again, ${progress.skipped} settled by others, ${progress.remaining} to go` +
  (progress.lastError === null ? "" : ` (waiting: ${progress.lastError})`);

export const printReplays = (items: readonly Progress[], nextCursor: string | null): string => {
  if (items.length === 0) return "No replay matches.";
  const listed = items.map((item) => `${item.createdAt}  ${printProgress(item)}`).join("\n");
  return nextCursor === null ? listed : `${listed}\n\nMore: --cursor ${nextCursor}`;
};
