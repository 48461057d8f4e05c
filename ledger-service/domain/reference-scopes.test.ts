import { describe, expect, test } from "vitest";
import { AppError } from "../../platform/errors/app-error.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { type Whose, authorizationScope, transferScopes } from "./reference-scopes.ts";

const ada: Caller = { kind: "user", id: "ada" };
const shop: Caller = { kind: "partner", id: "shop" };
const operator: Caller = { kind: "operator", id: "eve" };
const others: Caller[] = [{ kind: "anonymous" }, { kind: "internal" }];

const codeOf = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error instanceof AppError ? error.code : error;
  }
};

describe("transfers are looked for", () => {
  test.each<[Caller, string | undefined, string[] | string]>([
    [ada, undefined, ["user:ada", "platform"]],
    [ada, "ada", ["user:ada", "platform"]],
    [ada, "bob", "forbidden"],
    [operator, undefined, ["platform"]],
    [operator, "bob", ["user:bob"]],
    ...[shop, ...others].map((caller): [Caller, undefined, string] => [caller, undefined, "forbidden"]),
  ])("by %j with userId %s among %j", (caller, userId, expected) => {
    expect(codeOf(() => transferScopes(caller, { userId }))).toEqual(expected);
  });
});

describe("authorizations are looked for", () => {
  test.each<[Caller, Whose, string]>([
    [ada, {}, "user:ada"],
    [ada, { userId: "ada" }, "user:ada"],
    [ada, { userId: "bob" }, "forbidden"],
    [ada, { partnerId: "shop" }, "partner:shop"],
    [ada, { userId: "ada", partnerId: "shop" }, "invalid_query"],
    [shop, {}, "partner:shop"],
    [shop, { partnerId: "shop" }, "partner:shop"],
    [shop, { partnerId: "rival" }, "forbidden"],
    [shop, { userId: "ada" }, "forbidden"],
    [operator, {}, "invalid_query"],
    [operator, { userId: "bob" }, "user:bob"],
    [operator, { partnerId: "shop" }, "partner:shop"],
    [operator, { userId: "bob", partnerId: "shop" }, "invalid_query"],
    ...others.flatMap((caller): [Caller, Whose, string][] =>
      [{}, { userId: "ada" }, { partnerId: "shop" }].map((whose) => [caller, whose, "forbidden"]),
    ),
  ])("by %j with %j among %s", (caller, whose, expected) => {
    expect(codeOf(() => authorizationScope(caller, whose))).toEqual(expected);
  });
});
