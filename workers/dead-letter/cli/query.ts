/** The query of a URL: what is undefined is left out. */
export const queryString = (parameters: Record<string, string | undefined>): string =>
  new URLSearchParams(
    Object.entries(parameters).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, value]],
    ),
  ).toString();
