import { performance } from "node:perf_hooks";
import type { Sql } from "../../platform/database/connect.ts";
import type { WarmSide } from "../bench.ts";
import { BULK, bulk, once, single } from "./scripts.ts";

const LINK_SIZE = 5_000;

/** Empties the ledger and posts so many transfers, one or a batch of callers' a commit. */
export const postTransfers = async (sql: Sql, transfers: number, each: 1 | typeof BULK): Promise<void> => {
  // Whoever measures linking waits for no disk.
  await sql.unsafe("set synchronous_commit = off");
  await sql.unsafe("truncate ledger_transfers, idempotency_keys, outbox");
  for (let posted = 0; posted < transfers; posted += each)
    await sql.unsafe(once(each === BULK ? bulk : single, posted));
  await sql.unsafe("vacuum analyze ledger_transfers");
};

/** Everything that is posted, linked from the first to the last; the hash itself, the same for both, is left out. */
export const linkSides = (sql: Sql, transfers: number, names: { before: string; now: string }): WarmSide[] =>
  [
    { name: names.before, link: linkEntries },
    { name: names.now, link: linkRecords },
  ].map(({ name, link }) => ({
    name,
    unit: "transfers",
    prepare: async () => {
      await sql.unsafe("truncate ledger_chain, ledger_chain_copies");
    },
    measure: async () => {
      const start = performance.now();
      await sql.unsafe(link);
      return { count: transfers, seconds: (performance.now() - start) / 1_000, cpu: {} };
    },
  }));

// As it was up to the first version's end: see migration 0037.
const linkEntries = `do $link$
declare
  final constant bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1;
  place xid8 := '0'; number bigint := 0; c record; link bigint := 0; span bigint;
begin
  loop
    span := 4 * ${LINK_SIZE};
    loop
      select count(*) as entries, (array_agg(n.xid order by n.xid desc, n.id desc))[1] as xid,
        (array_agg(n.id order by n.xid desc, n.id desc))[1] as id,
        sha256(convert_to(string_agg(n.text, E'\\n' order by n.xid, n.id), 'UTF8')) as digest
      into c
      from (
        select e.xid, e.id, ledger_entry_text(e) as text from ledger_entries as e
        where e.xid::text::bigint between place::text::bigint and least(place::text::bigint + span, final)
          and (e.xid, e.id) > (place, number)
        order by e.xid, e.id
        limit ${LINK_SIZE}
      ) as n;
      exit when c.entries > 0 or place::text::bigint + span >= final;
      span := 8 * span;
    end loop;
    exit when c.entries = 0;
    link := link + 1; place := c.xid; number := c.id;
    insert into ledger_chain (link, version, entries, last_xid, last_id, digest, hash)
    values (link, 1, c.entries, place, number, c.digest, c.digest);
  end loop;
end
$link$`;

const linkRecords = `do $link$
declare
  place record; c record; link bigint := 0;
  after record;
begin
  select '0'::xid8 as xid, '00000000-0000-0000-0000-000000000000'::uuid as subject, 0::bigint as number into after;
  loop
    select * into place from ledger_chain_end(after.xid, after.subject, after.number, ${LINK_SIZE});
    exit when not found;
    select * into c
    from ledger_chain_cover(after.xid, after.subject, after.number, place.xid, place.subject, place.number);
    link := link + 1; after := place;
    insert into ledger_chain_copies (link, records) values (link, c.records);
    insert into ledger_chain (link, version, entries, last_xid, last_subject, last_id, digest, hash)
    values (link, 2, c.entries, place.xid, place.subject, place.number, c.digest, c.digest);
  end loop;
end
$link$`;
