import { AppError } from "../../platform/errors/app-error.ts";
import { type Position, decodeCursor } from "../domain/cursor.ts";

/** Where a page is to begin; undefined for the first. @throws AppError invalid_query when the cursor is none of ours */
export const pagePosition = (cursor: string | undefined): Position | undefined => {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  if (position) return position;
  throw new AppError("invalid_query", "Malformed in the query: cursor", {
    errors: [{ pointer: "/cursor", detail: "must be a nextCursor of an earlier answer" }],
  });
};
