import type { Queryable } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { findTaken } from "../sql/accounts.ts";

export type Refused = {
  readonly kind: string;
  readonly ownerId?: string | undefined;
  readonly currency: string;
};

/**
 * What is in the way of an account that could not be opened: one with its id, or the credit line that the person has in
 * the currency. Which line that is only operators get to hear, who open them.
 */
export const explainTaken = async (sql: Queryable, refused: Refused): Promise<AppError> => {
  const line = await findTaken(sql, refused);
  if (line === undefined)
    return new AppError("account_exists", "There is such an account already", {
      errors: [{ pointer: "/id", detail: "is that of another account" }],
    });
  return new AppError("account_exists", `The person has a credit line in ${refused.currency} already`, {
    errors: [{ pointer: "/ownerId", detail: `has a credit line in ${refused.currency}` }],
    extensions: { accountId: line },
  });
};
