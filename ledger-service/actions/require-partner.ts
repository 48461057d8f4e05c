import type { Queryable } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { partnerExists } from "../sql/partners.ts";

/** @throws AppError not_found where there is no such partner */
export const requirePartner = async (sql: Queryable, id: string): Promise<void> => {
  if (!(await partnerExists(sql, id))) throw noPartner();
};

export const noPartner = (): AppError => new AppError("not_found", "There is no such partner");
