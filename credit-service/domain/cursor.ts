/** Where a page ended: the last row's time, to the microsecond, and its id. */
export type Position = { createdAt: string; id: string };

const PATTERN =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z) ([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;

export const encodeCursor = ({ createdAt, id }: Position): string =>
  Buffer.from(`${createdAt} ${id}`).toString("base64url");

/** Undefined when it is none of ours. */
export const decodeCursor = (cursor: string): Position | undefined => {
  const [, createdAt, id] = PATTERN.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (createdAt === undefined || id === undefined || !isMoment(createdAt)) return undefined;
  return { createdAt, id };
};

// JavaScript takes 30 February for 2 March and knows a year 0; PostgreSQL refuses both.
const isMoment = (text: string): boolean => {
  const ms = Date.parse(text);
  return (
    !Number.isNaN(ms) && !text.startsWith("0000") && new Date(ms).toISOString().startsWith(text.slice(0, 19))
  );
};
