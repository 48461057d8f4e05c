/** Between them stands what a command writes. */
export type Marks = { readonly begin: string; readonly end: string };

export const marks = (command: string): Marks => ({
  begin: `<!-- begin: written by ${command} -->`,
  end: `<!-- end: written by ${command} -->`,
});

/** @throws Error when the page lacks the markers */
export const replaceGenerated = (page: string, text: string, { begin, end }: Marks): string => {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page must contain ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
};
