import type { Sql } from "../../platform/database/connect.ts";
import { untilDiskIsQuiet } from "../measure/quiet-disk.ts";

/**
 * Vacuums as pgbench does with its own tables before it measures; and a checkpoint, so that nobody pays for what another
 * left to be vacuumed or written, and each writes whole the pages that it is the first to touch.
 */
export const settle = async (administrator: Sql): Promise<void> => {
  await administrator.unsafe("vacuum analyze");
  await administrator.unsafe("checkpoint");
  await untilDiskIsQuiet();
};
