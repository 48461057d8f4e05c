import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { Sql } from "postgres";
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../../contracts/access-token.ts";
import type { Sender } from "../../faults/support/traffic.ts";

/** Accounts for so many people, and a token for each: registering thousands would measure the password hash. */
export const settlePeople = async (sql: Sql, count: number, jwtSecret: string): Promise<Sender[]> => {
  const ids = Array.from({ length: count }, () => randomUUID());
  await sql`
    insert into users (id, email, password_hash)
    select id, 'chaos-' || id || '@example.com', 'none' from unnest(${ids}::uuid[]) as person (id)`;
  const key = new TextEncoder().encode(jwtSecret);
  return Promise.all(ids.map(async (id) => ({ id, token: await sign(id, key) })));
};

const sign = (subject: string, key: Uint8Array): Promise<string> =>
  new SignJWT({ role: "user" })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM })
    .setSubject(subject)
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime("24h")
    .sign(key);
