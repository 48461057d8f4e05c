import { readFileSync } from "node:fs";
import { messageOf } from "../../../platform/errors/message-of.ts";
import type { Api } from "./api.ts";
import { filterOf, Misuse } from "./options.ts";
import type { Options, Values } from "./options.ts";
import type { Output } from "./output.ts";
import { printGroups, printLetter, printList } from "./print.ts";
import type { Group, Letter, Summary } from "./print.ts";
import { queryString } from "./query.ts";
import { replayMany } from "./replay-many.ts";

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

const queryOf = (values: Values, page: Record<string, string | undefined> = {}): string =>
  queryString({
    ...filterOf(values),
    status: values.status === "all" ? undefined : (values.status ?? "open"),
    ...page,
  });

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
  const body = { payload: readPayload(values), reason: values.reason };
  const edited = await api<Letter>("PUT", `${letter}/payload`, body);
  out.answer(edited, `Edited ${edited.id}; replay it to publish this.`);
};

const STANDARD_INPUT = 0;

const readPayload = ({ payload, file, ...values }: Values): unknown => {
  if ((payload === undefined) === (file === undefined)) throw new Misuse("edit needs --payload or --file");
  if (file === "-" && values["password-stdin"]) throw new Misuse("standard input holds the password already");
  const source = file === undefined || file === "-" ? STANDARD_INPUT : file;
  try {
    return JSON.parse(payload ?? readFileSync(source, "utf8"));
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
