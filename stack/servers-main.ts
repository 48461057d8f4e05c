import { messageOf } from "../platform/errors/message-of.ts";
import { installMissing } from "./servers/install.ts";
import { SERVER_NAMES } from "./servers/missing.ts";

try {
  await installMissing(SERVER_NAMES, console.log);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
