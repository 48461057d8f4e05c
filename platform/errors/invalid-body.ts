import { AppError } from "./app-error.ts";
import type { FieldError } from "./app-error.ts";

/** A well-formed body that breaks a rule. */
export const invalidBody = (...errors: FieldError[]): AppError =>
  new AppError("validation_failed", "The body breaks a rule: see errors", { errors });
