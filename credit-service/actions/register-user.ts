import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { type Role, type User, insertUser } from "../sql/users.ts";

export type RegisterDeps = { sql: Sql; passwords: Passwords; newId: () => string };

export type NewAccount = {
  /** Normalised: trimmed and in lower case. */
  email: string;
  password: string;
  role: Role;
};

/** @throws AppError email_taken */
export const createRegisterUser =
  ({ sql, passwords, newId }: RegisterDeps) =>
  async ({ email, password, role }: NewAccount): Promise<User> => {
    const passwordHash = await passwords.hash(password);
    const user = await insertUser(sql, { id: newId(), email, passwordHash, role });
    if (!user) throw new AppError("email_taken", "Somebody has registered with this email already");
    return user;
  };

export type RegisterUser = ReturnType<typeof createRegisterUser>;
