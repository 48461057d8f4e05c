import { errorCodes } from "../../platform/errors/error-codes.ts";

/** Status and title by code, for the functions in the database that put whole answers together. */
export const problemTitles: string = JSON.stringify(errorCodes);
