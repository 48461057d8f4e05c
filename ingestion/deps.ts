import type { CommitWatch } from "../platform/messaging/commit-notice.ts";
import type { LinePublisher } from "../platform/messaging/line-publisher.ts";

/** What intake needs of the outside, whichever way events come in. */
export type IntakeDeps = {
  publisher: Pick<LinePublisher, "publish" | "publishBundle">;
  commits: CommitWatch;
  /** Unix milliseconds. */
  now: () => number;
};
