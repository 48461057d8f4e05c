import type { Queryable } from "../../platform/database/connect.ts";

export type Role = "user" | "operator";
export type User = { id: string; email: string; created_at: Date; updated_at: Date };
export type NewUser = { id: string; email: string; passwordHash: string; role: Role };

/** Undefined when the email is taken. */
export const insertUser = async (sql: Queryable, user: NewUser): Promise<User | undefined> => {
  const [row] = await sql<User[]>`
    insert into users (id, email, password_hash, role)
    values (${user.id}::uuid, ${user.email}, ${user.passwordHash}, ${user.role})
    on conflict (email) do nothing
    returning id, email, created_at, updated_at`;
  return row;
};

export type Login = { id: string; passwordHash: string; role: Role; tokenGeneration: number };

export const findLogin = async (sql: Queryable, email: string): Promise<Login | undefined> => {
  const [row] = await sql<Row[]>`
    select id, password_hash, role, token_generation from users where email = ${email}`;
  return (
    row && {
      id: row.id,
      passwordHash: row.password_hash,
      role: row.role,
      tokenGeneration: row.token_generation,
    }
  );
};

type Row = { id: string; password_hash: string; role: Role; token_generation: number };
