import { HTTPException } from "hono/http-exception";
import { isDatabaseUnavailable } from "../database/unavailable.ts";
import { AppError } from "../errors/app-error.ts";

/** What a client is told of an error; of one that is not known, nothing of the inside. */
export const toAppError = (error: unknown): AppError => {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException && error.status === 400)
    return new AppError("malformed_json", "The body could not be parsed as JSON");
  if (error instanceof HTTPException && error.status === 413)
    return new AppError("body_too_large", "The body exceeds the limit");
  if (isDatabaseUnavailable(error))
    return new AppError("service_unavailable", "The database cannot be reached just now", {
      retryAfter: 2,
      cause: error,
    });
  return new AppError("internal_error", "Something went wrong on our side");
};
