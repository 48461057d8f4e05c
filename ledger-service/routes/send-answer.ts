import { PROBLEM_TYPE } from "../../platform/http/problem.ts";
import { REPEAT_HEADER } from "../../platform/idempotency/tell-repeat.ts";
import type { Caller } from "../../platform/identity/caller.ts";
import { tellCaller } from "../domain/tell-caller.ts";
import type { Answer } from "../sql/answer.ts";

/**
 * Sends what the database has stored, byte for byte; a repeat says that it is one. Its type is that of any route: the
 * text is never parsed here, and the tests hold it to the contract's schemas.
 */
export const sendAnswer = ({ status, body, replayed }: Answer, headers: Record<string, string> = {}): never =>
  new Response(body, {
    status,
    headers: {
      "content-type": status < 400 ? "application/json" : PROBLEM_TYPE,
      ...(replayed && REPEAT_HEADER),
      // The one refusal that a moment changes.
      ...(status === 409 && body.includes('"code":"request_in_progress"') && { "retry-after": "1" }),
      ...headers,
    },
  }) as never;

/** The same for what was only looked up. */
export const sendFound = (json: string, headers?: Record<string, string>): never =>
  sendAnswer({ status: 200, body: json, replayed: false }, headers);

/** The same for a page of such texts. */
export const sendPage = (items: readonly string[], nextCursor: string | null): never =>
  sendFound(`{"items":[${items.join(",")}],"nextCursor":${JSON.stringify(nextCursor)}}`);

/** What is sent of authorizations: each answer holds what its caller may know. */
export const tellingOf = (caller: Caller) => ({
  answer: (answer: Answer, headers?: Record<string, string>): never =>
    sendAnswer({ ...answer, body: tellCaller(caller, answer.body) }, headers),
  found: (json: string): never => sendFound(tellCaller(caller, json)),
  page: (items: readonly string[], nextCursor: string | null): never =>
    sendPage(
      items.map((json) => tellCaller(caller, json)),
      nextCursor,
    ),
});
