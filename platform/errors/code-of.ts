/** The code that an error has by Node, PostgreSQL (an SQLSTATE) or a library; undefined where it has none. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
