import type { Queryable } from "../../../platform/database/connect.ts";

export type NewAction = {
  letterId: string;
  actor: string;
  action: "edit" | "replay" | "discard";
  reason: string | undefined;
  /** What the action changed, as it was and as it is. */
  before: unknown;
  after: unknown;
  replayId?: string | undefined;
};

export const recordAction = async (tx: Queryable, action: NewAction): Promise<void> => {
  await tx`
    insert into dead_letter_actions (letter_id, actor, action, reason, before, after, replay_id)
    values (
      ${action.letterId}::uuid, ${action.actor}, ${action.action}, ${action.reason ?? null},
      ${JSON.stringify(action.before)}::text::json, ${JSON.stringify(action.after)}::text::json,
      ${action.replayId ?? null}::uuid
    )`;
};

export type ActionRow = {
  actor: string;
  action: "edit" | "replay" | "discard";
  reason: string | null;
  before: unknown;
  after: unknown;
  replay_id: string | null;
  at: Date;
};

/** Oldest first; along dead_letter_actions_letter. */
export const readActions = (sql: Queryable, letterId: string): Promise<ActionRow[]> => sql<ActionRow[]>`
  select actor, action, reason, before, after, replay_id, at
  from dead_letter_actions
  where letter_id = ${letterId}::uuid
  order by id`;
