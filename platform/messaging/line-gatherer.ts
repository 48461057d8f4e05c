/** One line waiting to be published, and who waits for it. */
export type PendingLine = {
  line: string;
  /** Size in bytes, its newline included. */
  bytes: number;
  traceparent?: string;
  stored: () => void;
  failed: (error: unknown) => void;
};

export type GatherLimits = { maxLines: number; maxBytes: number };

/** Cuts lines into messages, in order, none above a limit; a line larger than the limit goes alone. */
export const cutIntoMessages = (
  lines: readonly PendingLine[],
  { maxLines, maxBytes }: GatherLimits,
): PendingLine[][] => {
  const messages: PendingLine[][] = [];
  let current: PendingLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (current.length > 0 && (current.length === maxLines || bytes + line.bytes > maxBytes)) {
      messages.push(current);
      current = [];
      bytes = 0;
    }
    current.push(line);
    bytes += line.bytes;
  }
  if (current.length > 0) messages.push(current);
  return messages;
};
