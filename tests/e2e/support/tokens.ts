import { SignJWT } from "jose";
import { secrets } from "./stack.ts";

type Claims = {
  readonly subject: string;
  readonly role?: string;
  /** Seconds from now; negative is past. */
  readonly expiresIn?: number;
  readonly issuer?: string;
  readonly audience?: string;
  /** Signs with another secret than the platform's. */
  readonly signedWith?: string;
  readonly algorithm?: "HS256" | "HS512";
};

/** A token as the platform makes it, but for what the test says. */
export const mintToken = ({ subject, role = "user", expiresIn = 600, ...rest }: Claims): Promise<string> => {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ role })
    .setProtectedHeader({ alg: rest.algorithm ?? "HS256" })
    .setSubject(subject)
    .setIssuer(rest.issuer ?? "ecs")
    .setAudience(rest.audience ?? "ecs")
    .setIssuedAt(Math.min(now, now + expiresIn) - 1)
    .setExpirationTime(now + expiresIn)
    .sign(new TextEncoder().encode(rest.signedWith ?? secrets().jwtSecret));
};

/** A token that claims to need no signature (RFC 7519 §6). */
export const unsignedToken = (subject: string): string => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  return `${part({ alg: "none" })}.${part({ sub: subject, role: "user", iss: "ecs", aud: "ecs", exp })}.`;
};
