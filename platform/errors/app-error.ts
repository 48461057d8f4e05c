import type { ErrorCode } from "./error-codes.ts";

/** One thing wrong with a request: where (RFC 6901 JSON pointer into the body, or a parameter's name) and what. */
export type FieldError = { pointer: string; detail: string };

export type AppErrorOptions = {
  /** Field by field, for validation errors. */
  errors?: FieldError[];
  /** Seconds after which trying again makes sense; becomes `Retry-After`. */
  retryAfter?: number;
  /** Further members of the problem document (RFC 9457 §3.2). */
  extensions?: Record<string, unknown>;
  /** Further response headers, such as `Allow`. */
  headers?: Record<string, string>;
  cause?: unknown;
};

/** An error that the client may see, whole. Anything else that is thrown becomes a bare `internal_error`. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  readonly retryAfter: number | undefined;
  readonly extensions: Record<string, unknown> | undefined;
  readonly headers: Record<string, string> | undefined;

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter;
    this.extensions = options.extensions;
    this.headers = options.headers;
  }
}
