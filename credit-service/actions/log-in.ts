import { SignJWT } from "jose";
import {
  GENERATION_CLAIM,
  TOKEN_ALGORITHM,
  TOKEN_AUDIENCE,
  TOKEN_ISSUER,
} from "../../contracts/access-token.ts";
import type { Sql } from "../../platform/database/connect.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Passwords } from "../passwords/passwords.ts";
import { type Login, findLogin } from "../sql/users.ts";
import type { GuessGuard } from "./guard-guesses.ts";

export type LogInDeps = {
  sql: Sql;
  passwords: Passwords;
  guesses: GuessGuard;
  jwtSecret: string;
  tokenTtlSeconds: number;
  clock: () => Date;
  newId: () => string;
};

/**
 * Exchanges an email and a password for a signed token. An unknown email takes the same time as a wrong password,
 * and gets the same answer. @throws AppError invalid_credentials; rate_limited after too many wrong ones for an email
 */
export const createLogIn = (deps: LogInDeps) => {
  const { sql, passwords, guesses, jwtSecret, tokenTtlSeconds, clock, newId } = deps;
  const key = new TextEncoder().encode(jwtSecret);
  const sign = ({ id, role, tokenGeneration }: Login): Promise<string> => {
    const issuedAt = Math.floor(clock().getTime() / 1_000);
    return new SignJWT({ role, [GENERATION_CLAIM]: tokenGeneration })
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: "JWT" })
      .setIssuer(TOKEN_ISSUER)
      .setAudience(TOKEN_AUDIENCE)
      .setSubject(id)
      .setJti(newId())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + tokenTtlSeconds)
      .sign(key);
  };

  return async (email: string, password: string): Promise<string> => {
    await guesses.admit(email);
    const login = await findLogin(sql, email);
    const matches = await passwords.matches(login?.passwordHash, password);
    if (!login || !matches)
      throw new AppError("invalid_credentials", "No account has this email and this password");
    await guesses.forget(email);
    return sign(login);
  };
};

export type LogIn = ReturnType<typeof createLogIn>;
