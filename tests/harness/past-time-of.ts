import { until } from "./until.ts";

/** Until the millisecond is over in which a version 7 UUID was made: those of one millisecond are in no order. */
export const pastTimeOf = async (id: string): Promise<void> => {
  const madeAt = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
  await until(() => Date.now() > madeAt, { every: 1 });
};
