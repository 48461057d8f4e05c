import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "./api.ts";
import { filterOf, Misuse, wholeNumber } from "./options.ts";
import type { Values } from "./options.ts";
import type { Output } from "./output.ts";
import { printProgress, printReplays } from "./print.ts";
import type { Progress } from "./print.ts";
import { queryString } from "./query.ts";

const REPLAYS = "/v1/dead-letter-replays";
const LOOK_EVERY_MS = 1_000;

/** Starts, follows, lists or ends replays by filter. @throws Misuse or Refused */
export const replayMany = async (api: Api, values: Values, out: Output): Promise<void> => {
  if (values.list) return listReplays(api, values, out);
  const { cancel, progress } = values;
  if (cancel !== undefined) return show(await api<Progress>("POST", `${pathOf(cancel)}/cancel`), out);
  if (progress !== undefined) return show(await api<Progress>("GET", pathOf(progress)), out);
  const started = await start(api, values);
  out.say(
    `It runs by itself, also without this command; npm run dlq -- replay --cancel ${started.id} ends it.`,
  );
  show(await follow(api, started, out), out);
};

const pathOf = (id: string): string => `${REPLAYS}/${encodeURIComponent(id)}`;

const show = (progress: Progress, out: Output): void => out.answer(progress, printProgress(progress));

const start = (api: Api, values: Values): Promise<Progress> => {
  const filter = filterOf(values);
  if (Object.keys(filter).length === 0 && !values.all)
    throw new Misuse("replay needs the id of a dead letter, a filter such as --stream, or --all");
  if (values["dry-run"]) throw new Misuse("--dry-run is for one letter; list shows what a filter matches");
  // JSON leaves out what is undefined.
  return api<Progress>("POST", REPLAYS, {
    filter,
    ratePerSecond: wholeNumber("--rate", values.rate),
    limit: wholeNumber("--max", values.max),
    reason: values.reason,
  });
};

const follow = async (api: Api, started: Progress, out: Output): Promise<Progress> => {
  let progress = started;
  while (progress.status === "running") {
    await sleep(LOOK_EVERY_MS);
    progress = await api<Progress>("GET", pathOf(started.id));
    if (progress.status === "running") out.say(printProgress(progress));
  }
  return progress;
};

const listReplays = async (api: Api, { status, limit, cursor }: Values, out: Output): Promise<void> => {
  const query = queryString({ status, limit, cursor });
  const page = await api<{ items: Progress[]; nextCursor: string | null }>("GET", `${REPLAYS}?${query}`);
  out.answer(page, printReplays(page.items, page.nextCursor));
};
