/** Who issues access tokens (`iss`), and for whom (`aud`). */
export const TOKEN_ISSUER = "ecs";
export const TOKEN_AUDIENCE = "ecs";
/** The one signature algorithm that is issued and accepted. */
export const TOKEN_ALGORITHM = "HS256";

export type TokenRole = "user" | "operator";
