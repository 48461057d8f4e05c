import type { z } from "zod";
import type { newAccount } from "../../contracts/http/ledger-accounts.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { couldBeOfName } from "./external-account-id.ts";

type NewAccountBody = z.output<typeof newAccount>;

/** What a user may open: wallets of their own. @throws AppError forbidden, naming the field */
export const ownWallet = (body: NewAccountBody, owner: string): NewAccountBody => {
  if (body.kind !== "wallet") throw forbidden("/kind", "must be wallet");
  if (body.ownerId !== undefined && body.ownerId !== owner) throw forbidden("/ownerId", "must be yourself");
  // Whoever has the account of a client's name before the client opens it has what is paid to that name.
  if (body.id !== undefined && couldBeOfName(body.id))
    throw forbidden("/id", "must not be of version 5, as the ids that are made from names are");
  return { ...body, ownerId: owner };
};

const forbidden = (pointer: string, detail: string): AppError =>
  new AppError("forbidden", "Users open wallets of their own", { errors: [{ pointer, detail }] });
