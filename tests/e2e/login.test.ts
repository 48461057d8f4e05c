import { decodeJwt, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { send } from "./support/client.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { freshEmail, newPerson, operatorToken } from "./support/people.ts";
import { describeBodyRules, describeMethodRule } from "./support/request-rules.ts";

const PATH = "/v1/auth/login";
const logIn = (json: unknown) => send<Record<string, string>>("POST", PATH, { json });

describe("POST /v1/auth/login", () => {
  it("answers 200 with a bearer token", async () => {
    const { email, password } = await newPerson();
    const answer = await logIn({ email, password });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) as string,
      token_type: "bearer",
    });
  });

  it("keeps the token out of caches", async () => {
    const { email, password } = await newPerson();
    expect((await logIn({ email, password })).headers.get("cache-control")).toContain("no-store");
  });

  it("the token names the person, the role and an end", async () => {
    const { id, token } = await newPerson();
    expect(decodeProtectedHeader(token).alg).toBe("HS256");
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ sub: id, role: "user", iss: "ecs", aud: "ecs" });
    expect(claims.exp).toBeGreaterThan(Date.now() / 1000);
  });

  it("an operator's token carries the role", async () => {
    expect(decodeJwt(await operatorToken())).toMatchObject({ role: "operator" });
  });

  it("takes the email in any case", async () => {
    const { email, password } = await newPerson();
    expect((await logIn({ email: email.toUpperCase(), password })).status).toBe(200);
  });

  it("a wrong password and an unknown email get the same answer", async () => {
    const { email } = await newPerson();
    const wrong = await logIn({ email, password: "not-the-password" });
    const unknown = await logIn({ email: freshEmail(), password: "not-the-password" });
    expectProblem(wrong, "invalid_credentials");
    expectProblem(unknown, "invalid_credentials");
    expect({ ...unknown.body, requestId: "" }).toEqual({ ...wrong.body, requestId: "" });
  });

  it.each<[string, unknown, string[]]>([
    ["no password", { email: "ada@example.com" }, ["/password"]],
    ["an empty password", { email: "ada@example.com", password: "" }, ["/password"]],
    ["no email", { password: "something" }, ["/email"]],
    ["an email that is an object", { email: { $ne: "" }, password: "something" }, ["/email"]],
  ])("refuses %s with 422 and a pointer", async (_what, body, pointers) =>
    expectProblem(await logIn(body), "validation_failed", { pointers }),
  );

  describeBodyRules("POST", PATH);
  describeMethodRule(PATH, "POST");
});
