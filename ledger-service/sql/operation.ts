import type { Tracing } from "../../platform/observability/trace-ids.ts";

/** What comes with every operation on money: whose it is, and what makes it happen once. */
export type OperationContext = {
  /** 'user:<id>', 'partner:<id>', or 'platform'. */
  scope: string;
  /** The Idempotency-Key; null where only the reference protects. */
  key: string | null;
  /** SHA-256 of method, path and body, in hex; null without a key. */
  hash: string | null;
  /** The caller's own name for it, that counts once and for ever. */
  reference: string | null;
  requestId: string;
  /** The path that was called. */
  instance: string;
  /** What its events carry along. */
  headers: Tracing;
};
