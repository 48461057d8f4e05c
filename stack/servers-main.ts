import { installMissing } from "./servers/install.ts";
import { SERVER_NAMES } from "./servers/missing.ts";

try {
  await installMissing(SERVER_NAMES, console.log);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
