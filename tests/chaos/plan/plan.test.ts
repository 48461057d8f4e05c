import { describe, expect, it } from "vitest";
import { componentsOf } from "./components.ts";
import { describeFault, planFaults, type Target } from "./plan.ts";

const alone = componentsOf({ cluster: false });
const plan = (seed: number, faults = 200) => planFaults({ seed, faults, minutes: 20 }, alone);
const targetsOf = (seed: number): Target[] =>
  plan(seed).flatMap(({ strikes }) => strikes.map(({ target }) => target));
const bare = (name: string): string => name.replace(/-\d+$/, "");

describe("a plan of faults", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(plan(7)).toEqual(plan(7));
    expect(plan(7)).not.toEqual(plan(8));
  });

  it("has as many faults as asked for, in order and in time, every third of them a pair", () => {
    const faults = plan(7, 20);
    expect(faults.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, place) => place + 1));
    expect(faults.map(({ at }) => at)).toEqual(faults.map(({ at }) => at).toSorted((one, two) => one - two));
    expect(faults.at(-1)!.at).toBeLessThan(20 * 60_000);
    expect(faults.filter(({ strikes }) => strikes.length === 2).map(({ number }) => number)).toEqual([
      3, 6, 9, 12, 15, 18,
    ]);
  });

  it("strikes singly if asked to", () => {
    const faults = planFaults({ seed: 7, faults: 20, minutes: 20, singly: true }, alone);
    expect(faults.map(({ strikes }) => strikes.length)).toEqual(Array(20).fill(1));
  });

  it("gives each component its turn before any comes again", () => {
    const first = targetsOf(7).slice(0, alone.length);
    const names = first.map((target) => (target.kind === "leader" ? target.stream : bare(target.name)));
    const known = alone.map((component) => (component.kind === "leader" ? component.stream : component.name));
    expect(names.toSorted()).toEqual(known.toSorted());
  });

  it("breaks servers in every way, and processes in each that needs no link", () => {
    const strikes = plan(7).flatMap(({ strikes }) => strikes);
    const actionsOn = (kind: Target["kind"]) =>
      [
        ...new Set(strikes.filter(({ target }) => target.kind === kind).map(({ action }) => action)),
      ].toSorted();
    expect(actionsOn("server")).toEqual(["cut", "kill", "pause", "restart", "silence", "slow"]);
    expect(actionsOn("process")).toEqual(["kill", "pause", "restart"]);
  });

  it("pauses for one to eight seconds, and never longer than half of what lies between two faults", () => {
    const durations = plan(7).flatMap(({ strikes }) => strikes.map(({ forMs }) => forMs));
    expect(Math.min(...durations)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...durations)).toBeLessThanOrEqual(3_000);
  });

  it("in a cluster strikes brokers one at a time, and leaders", () => {
    const strikes = planFaults(
      { seed: 7, faults: 200, minutes: 20 },
      componentsOf({ cluster: true }),
    ).flatMap((fault) => fault.strikes);
    const brokers = strikes.flatMap(({ target }) =>
      target.kind === "process" && bare(target.name) === "nats" ? [target.name] : [],
    );
    expect(new Set(brokers)).toEqual(new Set(["nats-1", "nats-2", "nats-3"]));
    expect(strikes.some(({ target }) => target.kind === "leader")).toBe(true);
    expect(strikes.some(({ target }) => target.kind === "server" && target.name === "nats")).toBe(false);
  });

  it("says what it does", () => {
    const at = { forMs: 2_400 } as const;
    expect(
      describeFault({
        strikes: [
          { ...at, action: "pause", target: { kind: "process", name: "gateway-1" } },
          { ...at, action: "kill", target: { kind: "process", name: "gateway" } },
          { ...at, action: "silence", target: { kind: "server", name: "redis" } },
          { ...at, action: "kill", target: { kind: "leader", stream: "CREDIT" } },
        ],
      }),
    ).toBe(
      "pause gateway-1 (2.4 s) + kill every gateway + silence the link to redis (2.4 s) + kill the leader of CREDIT",
    );
  });
});
