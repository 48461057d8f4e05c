import { SignJWT } from "jose";
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE, TOKEN_ISSUER } from "../../contracts/access-token.ts";
import type { TokenRole } from "../../contracts/access-token.ts";
import { secrets } from "./secrets.ts";

/** Somebody's access token, as credit-service would issue it. */
export const accessToken = (id: string, role: TokenRole): Promise<string> =>
  new SignJWT({ role })
    .setProtectedHeader({ alg: TOKEN_ALGORITHM })
    .setSubject(id)
    .setIssuer(TOKEN_ISSUER)
    .setAudience(TOKEN_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(new TextEncoder().encode(secrets.JWT_SECRET));
