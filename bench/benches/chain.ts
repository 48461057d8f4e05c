import { type Bench, type Measured, measureSides } from "../bench.ts";
import { linkSides, postTransfers } from "../ledger/measure-chain.ts";
import { accounts, BULK } from "../ledger/scripts.ts";
import { openDatabase } from "../system/connections.ts";
import { openServers } from "../system/servers.ts";

export const chain: Bench = {
  name: "chain",
  title: "The ledger's hash chain: covering whole records against covering entries alone",
  run: async (context) => {
    const { postgres } = await openServers(context.lender);
    const sql = openDatabase(postgres.url, 1);
    const { linked } = context.plan;
    try {
      await sql.unsafe(accounts);
      const measured: { result: Measured; label: string; names: Names }[] = [];
      for (const each of [1, BULK] as const) {
        const label = each === 1 ? "one a commit" : `${each} a commit`;
        const names = { before: `entries, ${label}`, now: `whole records, ${label}` };
        await postTransfers(sql, linked, each);
        measured.push({ result: await measureSides(context, linkSides(sql, linked, names)), label, names });
      }
      return {
        sides: measured.flatMap(({ result }) => result.sides),
        findings: measured.map(({ result, label, names }) =>
          result.ratio(`whole records ÷ entries, ${label}`, names.now, names.before, { floor: 0.5 }),
        ),
        notes: [
          `${linked.toLocaleString("en")} transfers, linked anew from the first to the last in each round: digest, link and, with whole records, the copy by which changes are named. It happens after the fact: what is posted waits for none of it.`,
        ],
      };
    } finally {
      await sql.end({ timeout: 5 });
    }
  },
};

type Names = { readonly before: string; readonly now: string };
