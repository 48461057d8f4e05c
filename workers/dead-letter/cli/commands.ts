import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "../../../platform/errors/message-of.ts";
import type { Api } from "./api.ts";
import { filterOf, Misuse, wholeNumber } from "./options.ts";
import type { Options, Values } from "./options.ts";
import { printGroups, printLetter, printList, printProgress, printReplays } from "./print.ts";
import type { Group, Letter, Progress, Summary } from "./print.ts";

export type Output = {
  /** The answer: for people, or as JSON. */
  answer: (json: unknown, text: string) => void;
  /** What goes on meanwhile. */
  say: (text: string) => void;
};

/** Runs a command. @throws Misuse or Refused */
export const runCommand = async (
  api: Api,
  { command, id = "", values }: Options,
  out: Output,
): Promise<void> => {
  const letter = `/v1/dead-letters/${encodeURIComponent(id)}`;
  switch (command) {
    case "list":
      await (values.group ? group : list)(api, values, out);
      break;
    case "show": {
      const shown = await api<Letter>("GET", letter);
      out.answer(shown, printLetter(shown));
      break;
    }
    case "edit":
      await edit(api, letter, values, out);
      break;
    case "discard": {
      const done = await api("POST", `${letter}/discard`, { reason: values.reason });
      out.answer(done, `Discarded ${id}.`);
      break;
    }
    case "replay":
      await (id === "" ? replayMany(api, values, out) : replayOne(api, letter, values, out));
      break;
  }
};

const queryOf = (values: Values, more: Record<string, string | undefined> = {}): string => {
  const status = values.status === "all" ? undefined : (values.status ?? "open");
  const pairs = Object.entries({ ...filterOf(values), status, ...more }).filter(
    ([, value]) => value !== undefined,
  );
  return new URLSearchParams(pairs as [string, string][]).toString();
};

const list = async (api: Api, values: Values, out: Output): Promise<void> => {
  const query = queryOf(values, { limit: values.limit, cursor: values.cursor });
  const page = await api<{ items: Summary[]; nextCursor: string | null }>("GET", `/v1/dead-letters?${query}`);
  out.answer(page, printList(page.items, page.nextCursor));
};

const group = async (api: Api, values: Values, out: Output): Promise<void> => {
  const groups = await api<{ items: Group[] }>("GET", `/v1/dead-letter-groups?${queryOf(values)}`);
  out.answer(groups, printGroups(groups.items));
};

const edit = async (api: Api, letter: string, values: Values, out: Output): Promise<void> => {
  const body = {
    payload: readPayload(values),
    ...(values.reason !== undefined && { reason: values.reason }),
  };
  const edited = await api<Letter>("PUT", `${letter}/payload`, body);
  out.answer(edited, `Edited ${edited.id}; replay it to publish this.`);
};

const readPayload = ({ payload, file, ...values }: Values): unknown => {
  if ((payload === undefined) === (file === undefined)) throw new Misuse("edit needs --payload or --file");
  if (file === "-" && values["password-stdin"]) throw new Misuse("standard input holds the password already");
  try {
    return JSON.parse(payload ?? readFileSync(file === "-" ? 0 : file!, "utf8"));
  } catch (error) {
    throw new Misuse(`the payload cannot be used: ${messageOf(error)}`);
  }
};

type DryRun = {
  wouldPublish: boolean;
  status: string;
  subject: string;
  errors: { pointer: string; detail: string }[];
  alreadyStored: boolean | null;
};

const replayOne = async (api: Api, letter: string, values: Values, out: Output): Promise<void> => {
  if (values["dry-run"]) {
    const dry = await api<DryRun>("GET", `${letter}/dry-run`);
    out.answer(dry, describeDryRun(dry));
    return;
  }
  const body = values.reason === undefined ? undefined : { reason: values.reason };
  const done = await api<{ id: string; outcome: string }>("POST", `${letter}/replay`, body);
  out.answer(
    done,
    done.outcome === "replayed"
      ? `Replayed ${done.id}.`
      : `${done.id} was replayed before; nothing was published.`,
  );
};

const describeDryRun = ({ wouldPublish, status, subject, errors, alreadyStored }: DryRun): string => {
  if (status !== "open") return `Nothing would be published: it was ${status} already.`;
  if (!wouldPublish)
    return ["It would fail again; edit it first:", ...errors.map((e) => `  ${e.pointer}: ${e.detail}`)].join(
      "\n",
    );
  const effect = alreadyStored ? "The event is stored already: this would change nothing." : "";
  return `It would be published on ${subject}. ${effect}`.trimEnd();
};

const REPLAYS = "/v1/dead-letter-replays";
const LOOK_EVERY_MS = 1_000;

const replayMany = async (api: Api, values: Values, out: Output): Promise<void> => {
  if (values.list) return listReplays(api, values, out);
  const asked = values.cancel ?? values.progress;
  if (asked !== undefined) {
    const path = `${REPLAYS}/${encodeURIComponent(asked)}`;
    const shown = await (values.cancel === undefined
      ? api<Progress>("GET", path)
      : api<Progress>("POST", `${path}/cancel`));
    out.answer(shown, printProgress(shown));
    return;
  }
  const filter = filterOf(values);
  if (Object.keys(filter).length === 0 && !values.all)
    throw new Misuse("replay needs the id of a dead letter, a filter such as --stream, or --all");
  if (values["dry-run"]) throw new Misuse("--dry-run is for one letter; list shows what a filter matches");
  let progress = await api<Progress>("POST", REPLAYS, {
    filter,
    ...optional("ratePerSecond", wholeNumber("--rate", values.rate)),
    ...optional("limit", wholeNumber("--max", values.max)),
    ...optional("reason", values.reason),
  });
  out.say(
    `It runs by itself, also without this command; npm run dlq -- replay --cancel ${progress.id} ends it.`,
  );
  while (progress.status === "running") {
    await sleep(LOOK_EVERY_MS);
    progress = await api<Progress>("GET", `${REPLAYS}/${progress.id}`);
    if (progress.status === "running") out.say(printProgress(progress));
  }
  out.answer(progress, printProgress(progress));
};

const listReplays = async (api: Api, { status, limit, cursor }: Values, out: Output): Promise<void> => {
  const pairs = Object.entries({ status, limit, cursor }).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(pairs as [string, string][]).toString();
  const page = await api<{ items: Progress[]; nextCursor: string | null }>("GET", `${REPLAYS}?${query}`);
  out.answer(page, printReplays(page.items, page.nextCursor));
};

const optional = (name: string, value: unknown): Record<string, unknown> =>
  value === undefined ? {} : { [name]: value };
