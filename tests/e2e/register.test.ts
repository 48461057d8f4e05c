import { describe, expect, it } from "vitest";
import { send, tally } from "./support/client.ts";
import { sql } from "./support/database.ts";
import { expectProblem } from "./support/expect-problem.ts";
import { freshEmail, PASSWORD } from "./support/people.ts";
import { describeBodyRules, describeMethodRule } from "./support/request-rules.ts";
import { ISO_TIME, UUID } from "./support/shapes.ts";

const PATH = "/v1/auth/register";
const register = (json: unknown) => send("POST", PATH, { json });

describe("POST /v1/auth/register", () => {
  it("answers 201 with the person and nothing of the password", async () => {
    const email = freshEmail();
    const answer = await register({ email, password: PASSWORD });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ id: UUID, email, created_at: ISO_TIME, updated_at: ISO_TIME });
  });

  it("stores one user with a hash in place of the password", async () => {
    const email = freshEmail();
    const answer = await register({ email, password: PASSWORD });
    const rows = await sql()<{ id: string; role: string; password_hash: string }[]>`
      select id, role, password_hash from users where email = ${email}`;
    expect(rows).toEqual([
      {
        id: answer.body["id"],
        role: "user",
        password_hash: expect.stringMatching(/^\$argon2id\$/) as string,
      },
    ]);
  });

  it("takes an email once, whatever its case and the spaces around it", async () => {
    const email = freshEmail();
    expect((await register({ email, password: PASSWORD })).status).toBe(201);
    expectProblem(await register({ email: ` ${email.toUpperCase()} `, password: PASSWORD }), "email_taken");
  });

  it("takes an email once when ten people claim it at the same moment", async () => {
    const email = freshEmail();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => register({ email, password: PASSWORD })),
    );
    expect(tally(answers)).toEqual({ 201: 1, 409: 9 });
  });

  it("gives nobody a role that they ask for", async () => {
    const email = freshEmail();
    await register({ email, password: PASSWORD, role: "operator" });
    const rows = await sql()<{ role: string }[]>`select role from users where email = ${email}`;
    expect(rows.filter(({ role }) => role !== "user")).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ["an email that is none", { email: "ada", password: PASSWORD }, ["/email"]],
    [
      "an email longer than 254 characters",
      { email: `${"a".repeat(250)}@b.co`, password: PASSWORD },
      ["/email"],
    ],
    ["no email", { password: PASSWORD }, ["/email"]],
    ["an email that is a number", { email: 7, password: PASSWORD }, ["/email"]],
    ["a password of 7 characters", { email: "ada@example.com", password: "seven77" }, ["/password"]],
    ["a password of 129 characters", { email: "ada@example.com", password: "p".repeat(129) }, ["/password"]],
    ["no password", { email: "ada@example.com" }, ["/password"]],
    ["nothing", {}, ["/email", "/password"]],
  ])("refuses %s with 422 and a pointer", async (_what, body, pointers) =>
    expectProblem(await register(body), "validation_failed", { pointers }),
  );

  describeBodyRules("POST", PATH);
  describeMethodRule(PATH, "POST");
});
