import { describe, expect, it } from "vitest";
import { type Answer, type RequestOptions, send } from "./client.ts";
import { expectProblem } from "./expect-problem.ts";

const MIB = 1_024 * 1_024;

/** What every route with a JSON body refuses, and how. `options` are what lets a request of this kind in. */
export const describeBodyRules = (
  method: string,
  path: string | (() => string),
  options: () => RequestOptions = () => ({}),
): void => {
  describe("reads a JSON body only", () => {
    const sendRaw = (raw: string, contentType?: string): Promise<Answer> => {
      const given = options();
      const headers = { ...given.headers, ...(contentType !== undefined && { "content-type": contentType }) };
      return send(method, typeof path === "string" ? path : path(), { ...given, headers, raw });
    };

    it.each([
      ["half a document", '{"a":'],
      ["no document", "hello"],
      ["two documents", "{}{}"],
    ])("%s is 400", async (_what, raw) =>
      expectProblem(await sendRaw(raw, "application/json"), "malformed_json"),
    );

    it.each([
      ["a list", "[]"],
      ["a text", '"hello"'],
      ["null", "null"],
    ])("%s in place of an object is 422", async (_what, raw) =>
      expectProblem(await sendRaw(raw, "application/json"), "validation_failed", { pointers: [""] }),
    );

    it.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp"])(
      "content type %s is 415",
      async (type) => expectProblem(await sendRaw("{}", type), "unsupported_media_type"),
    );

    it("a body without a content type is 415", async () =>
      expectProblem(await sendRaw("{}"), "unsupported_media_type"));

    it("a charset beside the content type is fine", async () => {
      const { status } = await sendRaw("null", "application/json; charset=utf-8");
      expect(status).toBe(422);
    });

    it.each([
      ["64 KiB", 64 * 1_024],
      ["8 MiB", 8 * MIB],
    ])("a body of %s is 413", async (_what, bytes) =>
      expectProblem(
        await sendRaw(JSON.stringify({ padding: "x".repeat(bytes) }), "application/json"),
        "body_too_large",
      ),
    );
  });
};

/** A known path answers 405 to any other method and says which it takes. */
export const describeMethodRule = (path: string | (() => string), allowed: string): void => {
  it.each(["GET", "POST", "PUT", "PATCH", "DELETE"].filter((method) => method !== allowed))(
    "%s is 405 and names what is allowed",
    async (method) => {
      const answer = await send(method, typeof path === "string" ? path : path());
      expectProblem(answer, "method_not_allowed");
      expect(answer.headers.get("allow")?.split(/, ?/)).toContain(allowed);
    },
  );
};
