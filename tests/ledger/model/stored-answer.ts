import { type Expected, type Model, keyOf } from "./model.ts";
import { refuse } from "./statuses.ts";

type Asked = { readonly scope: string; readonly key: string | null; readonly hash: string | null };

/** What was answered under the key before; undefined when it is new. */
export const answerStored = (model: Model, { scope, key, hash }: Asked): Expected | undefined => {
  const stored = key === null ? undefined : model.answers.get(keyOf(scope, key));
  if (!stored) return undefined;
  return stored.hash === hash
    ? { status: stored.status, body: stored.body, replayed: true }
    : refuse("idempotency_key_reused");
};
