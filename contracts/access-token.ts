/** Who issues access tokens (`iss`), and for whom (`aud`). */
export const TOKEN_ISSUER = "ecs";
export const TOKEN_AUDIENCE = "ecs";
/** The one signature algorithm that is issued and accepted. */
export const TOKEN_ALGORITHM = "HS256";

export type TokenRole = "user" | "operator";

/** The claim that says which generation of its user's tokens one belongs to; 0 where it is missing. */
export const GENERATION_CLAIM = "gen";
