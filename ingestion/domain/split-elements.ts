import { QUOTE, endOfString, isCloser, isOpener } from "./nesting.ts";

/** One element of a JSON array, unparsed, or why it is not worth parsing. */
export type Element = string | { fault: "too large" | "too deep" };

export type ElementLimits = {
  /** Of one element, in bytes of UTF-8. */
  maxBytes: number;
  /** How many levels one element may have. */
  maxDepth: number;
  maxElements: number;
};

const COMMA = 0x2c;
const END_OF_ARRAY = 0x5d;
const TOO_LARGE: Element = { fault: "too large" };
const TOO_DEEP: Element = { fault: "too deep" };

/**
 * Cuts the text of a JSON array where its elements end, so that each can be parsed by itself, or not at all. An element
 * may still be no JSON.
 * @returns undefined for what is no array
 * @throws what `tooMany` makes, of more elements than there may be
 */
export const splitElements = (
  json: string,
  { maxBytes, maxDepth, maxElements }: ElementLimits,
  tooMany: () => Error,
): Element[] | undefined => {
  const begin = /^[ \t\r\n]*\[/.exec(json);
  if (!begin) return undefined;
  const elements: Element[] = [];
  let start = begin[0].length;
  let depth = 0;
  let deepest = 0;

  const add = (end: number): void => {
    if (elements.length === maxElements) throw tooMany();
    const element = json.substring(start, end);
    if (deepest > maxDepth) elements.push(TOO_DEEP);
    else if (element.length * 3 > maxBytes && Buffer.byteLength(element) > maxBytes) elements.push(TOO_LARGE);
    else elements.push(element);
  };

  for (let at = start; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (isOpener(code)) deepest = Math.max(deepest, ++depth);
    else if (code === COMMA && depth === 0) {
      add(at);
      start = at + 1;
      deepest = 0;
    } else if (isCloser(code) && depth-- === 0) {
      if (code !== END_OF_ARRAY || !isBlank(json.substring(at + 1))) return undefined;
      if (elements.length > 0 || !isBlank(json.substring(start, at))) add(at);
      return elements;
    }
  }
  return undefined;
};

const isBlank = (text: string): boolean => /^[ \t\r\n]*$/.test(text);
