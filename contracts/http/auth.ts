import { createRoute, z } from "@hono/zod-openapi";
import { jsonAnswer, jsonBody, problems } from "./problem.ts";

const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, "must have at most 254 characters")
  .pipe(z.email("must be an email address"))
  .openapi({ example: "ada@example.com" });

// Length is what makes a password strong (NIST SP 800-63B §3.1.1): 8 at least, 128 at most so that hashing stays cheap to bound.
const newPassword = z
  .string()
  .min(8, "must have at least 8 characters")
  .max(128, "must have at most 128 characters")
  .openapi({ example: "correct-horse-battery" });

export const registration = z.object({ email, password: newPassword }).openapi("Registration");
const WITHOUT_CONTROLS = /^\P{Cc}*$/u;
// A login does not tell what a good password looks like: anything but an empty text is tried.
export const credentials = z
  .object({
    email: z
      .string()
      .trim()
      .toLowerCase()
      .min(1, "must not be empty")
      .max(254)
      // PostgreSQL text takes no NUL.
      .regex(WITHOUT_CONTROLS, "must have no control characters")
      .openapi({ pattern: WITHOUT_CONTROLS.source }),
    password: z.string().min(1, "must not be empty").max(1_024),
  })
  .openapi("Credentials");

export const user = z
  .object({ id: z.string(), email: z.string(), created_at: z.string(), updated_at: z.string() })
  .openapi("User");

export const register = createRoute({
  method: "post",
  path: "/v1/auth/register",
  tags: ["Identity"],
  summary: "Register a person",
  request: { body: jsonBody(registration) },
  responses: { 201: jsonAnswer("Registered", user), ...problems(400, 409, 413, 415, 422, 429, 503) },
});

export const login = createRoute({
  method: "post",
  path: "/v1/auth/login",
  tags: ["Identity"],
  summary: "Exchange email and password for a token",
  request: { body: jsonBody(credentials) },
  responses: {
    200: jsonAnswer("Logged in", z.object({ access_token: z.string(), token_type: z.literal("bearer") })),
    ...problems(400, 401, 413, 415, 422, 429, 503),
  },
});
