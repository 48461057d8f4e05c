/**
 * Whether arrays and objects stand in each other deeper than so many levels. Asked before parsing, which takes many
 * times as long for a deep text as for an honest one of its length. Says nothing about whether the text is JSON.
 */
export const isDeeperThan = (most: number, json: string): boolean => {
  if (!hasMoreOpenersThan(most, json)) return false;
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) at = endOfString(json, at);
    else if (isOpener(code)) {
      if (++depth > most) return true;
    } else if (isCloser(code)) depth--;
  }
  return false;
};

// A usual event opens three, and finding those costs a tenth of looking at each character.
const hasMoreOpenersThan = (most: number, json: string): boolean => {
  let left = most;
  for (const opener of ["{", "["])
    for (let at = json.indexOf(opener); at !== -1; at = json.indexOf(opener, at + 1))
      if (left-- === 0) return true;
  return false;
};

export const QUOTE = 0x22;
const BACKSLASH = 0x5c;

// [ and { differ in one bit, as do ] and }.
export const isOpener = (code: number): boolean => (code | 0x20) === 0x7b;
export const isCloser = (code: number): boolean => (code | 0x20) === 0x7d;

/** Where the string ends that begins here: at its closing quote, or behind the text where it has none. */
export const endOfString = (json: string, start: number): number => {
  let at = start + 1;
  for (; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) break;
    if (code === BACKSLASH) at++;
  }
  return at;
};
