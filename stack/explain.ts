import { codeOf } from "../platform/errors/code-of.ts";
import { messageOf } from "../platform/errors/message-of.ts";

/** One clear message for a start that failed, whatever the cause said of itself. */
export const explain = (error: unknown): string => {
  const message = messageOf(error);
  const code = codeOf(error);
  if (code === "ENOSPC" || /No space left on device|ENOSPC/.test(message)) {
    return "the disk is full: make room, or choose another folder with ECS_HOME";
  }
  if (code === "EACCES" || code === "EROFS")
    return `${message}: choose a folder that may be written with ECS_HOME`;
  return message;
};
