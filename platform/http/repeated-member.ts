import { AppError } from "../errors/app-error.ts";
import { escapeToken } from "../errors/field-errors.ts";

/**
 * Refuses a body that says two things in one place.
 * @throws AppError malformed_json, naming the member that is there twice
 */
export const requireUniqueMembers = (text: string, parsed: unknown): void => {
  const pointer = repeatedMember(text, parsed);
  if (pointer === undefined) return;
  throw new AppError("malformed_json", "The body has two members of one name: see errors", {
    errors: [{ pointer: pointer.length <= LONGEST_POINTER ? pointer : "", detail: "must be given once" }],
  });
};

// What is nested deeper than that was made to be.
const LONGEST_POINTER = 500;

/**
 * Where an object of a JSON text has a second member of one name, as a JSON pointer; undefined where none has. Of two
 * the parser keeps the last, other readers the first (RFC 8259, section 4), so that a body may say one amount to
 * whoever checks it and another to us.
 * @param text valid JSON
 * @param parsed what it says
 */
export const repeatedMember = (text: string, parsed: unknown): string | undefined => {
  const members = membersOf(parsed);
  // Each member that is written has a colon. Most bodies have no other, and the first count is the cheaper one.
  if (colonsIn(text) === members || membersWritten(text) === members) return undefined;
  return findRepeated(text);
};

const colonsIn = (text: string): number => {
  let colons = 0;
  for (let at = text.indexOf(":"); at !== -1; at = text.indexOf(":", at + 1)) colons++;
  return colons;
};

const QUOTE = '"';
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const SPACE = 0x20;

/** How many names stand in a text: its strings that a colon follows. */
const membersWritten = (text: string): number => {
  let members = 0;
  for (let open = text.indexOf(QUOTE); open !== -1;) {
    let at = closingQuote(text, open) + 1;
    while (text.charCodeAt(at) <= SPACE) at++;
    if (text.charCodeAt(at) === COLON) members++;
    open = text.indexOf(QUOTE, at);
  }
  return members;
};

const closingQuote = (text: string, open: number): number => {
  let close = text.indexOf(QUOTE, open + 1);
  while (isEscaped(text, close)) close = text.indexOf(QUOTE, close + 1);
  return close;
};

const isEscaped = (text: string, at: number): boolean => {
  let before = at;
  while (text.charCodeAt(before - 1) === BACKSLASH) before--;
  return (at - before) % 2 === 1;
};

/** How many members all objects have together. Without recursion: a body may be nested deeper than any stack. */
const membersOf = (parsed: unknown): number => {
  let members = 0;
  const waiting: unknown[] = [parsed];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (typeof value !== "object" || value === null) continue;
    const inside: unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (inside !== value) members += inside.length;
    for (const one of inside) if (typeof one === "object" && one !== null) waiting.push(one);
  }
  return members;
};

type Frame = { names: Set<string> | undefined; at: string | number };

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\],]/g;

const findRepeated = (text: string): string | undefined => {
  const frames: Frame[] = [];
  for (const [token, colon] of text.matchAll(TOKEN)) {
    const frame = frames.at(-1);
    if (token === "{") frames.push({ names: new Set(), at: "" });
    else if (token === "[") frames.push({ names: undefined, at: 0 });
    else if (token === "}" || token === "]") frames.pop();
    else if (token === ",") {
      if (typeof frame?.at === "number") frame.at++;
    } else if (colon !== undefined && frame?.names) {
      const name = JSON.parse(token.slice(0, -colon.length)) as string;
      frame.at = name;
      if (frame.names.has(name)) return pointerOf(frames);
      frame.names.add(name);
    }
  }
  return undefined;
};

const pointerOf = (frames: readonly Frame[]): string =>
  frames.map(({ at }) => `/${escapeToken(String(at))}`).join("");
