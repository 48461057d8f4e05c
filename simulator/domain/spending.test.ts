import fc from "../../tests/harness/fast-check.ts";
import { expect, test } from "vitest";
import { transactionBody } from "../../contracts/http/telemetry.ts";
import type { Budget } from "./persona.ts";
import { drawPersona } from "./persona.ts";
import { randomFor } from "./random.ts";
import { isWeekend, shoppingMood, weekdayOf } from "./shopping.ts";
import { buyAffordable, daysSincePay, expectedPurchases, openPurse, spendDay } from "./spending.ts";
import { toAmount } from "./telemetry.ts";

const budget: Budget = {
  incomeCents: 200_000,
  payPeriodDays: 14,
  payDayOffset: 0,
  savingsCents: 50_000,
  purchasesPerDay: 2,
  priceLevel: 1,
  payDaySplurge: 1,
  rentShare: 0.3,
};

const spendDays = (budget: Budget, days: number, seed = 3) => {
  const random = randomFor(seed, "spending");
  let purse = openPurse(budget);
  return Array.from({ length: days }, (_, day) => {
    const spent = spendDay(purse, budget, { day, wakesAt: 7 }, random);
    purse = spent.purse;
    return spent;
  });
};

test("no purse is overdrawn, and all that came in is spent or left", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 1, max: 60 }), (seed, days) => {
      const budget = drawPersona(seed, 0).budget;
      const spent = spendDays(budget, days, seed);
      const payDays = spent.filter((_, day) => daysSincePay(budget, day) === 0).length;
      const outgoing = spent.flatMap(({ purchases }) => purchases).reduce((sum, { cents }) => sum + cents, 0);
      const left = spent.at(-1)!.purse.cents;
      expect(spent.every(({ purse }) => purse.cents >= 0)).toBe(true);
      expect(outgoing + left).toBe(budget.savingsCents + payDays * budget.incomeCents);
    }),
  );
});

test("intake takes the amount of every purchase", () => {
  for (const { cents, category } of spendDays(budget, 365).flatMap(({ purchases }) => purchases)) {
    const body = { userId: "0199a3c4-7d2e-7b4a-9c1d-2f6f8e5a1b3c", amount: toAmount(cents), category };
    expect(transactionBody.safeParse(body).error).toBeUndefined();
  }
});

test("purchases are made awake, in the order of the day", () => {
  for (const { purchases } of spendDays(budget, 365)) {
    const hours = purchases.map(({ hour }) => hour);
    expect(hours).toEqual(hours.toSorted((a, b) => a - b));
    expect(hours.every((hour) => hour >= 7 && hour < 24)).toBe(true);
  }
});

test("pay itself is never a purchase; rent is paid on pay-day only", () => {
  const rents = spendDays(budget, 56).map(({ purchases }) =>
    purchases.some(({ category }) => category === "rent"),
  );
  const payDays = rents.map((_, day) => daysSincePay(budget, day) === 0);
  expect(rents).toEqual(payDays);
});

test("more is bought after pay-day than before the next", () => {
  expect(expectedPurchases(budget, 14)).toBeGreaterThan(1.8 * expectedPurchases(budget, 21));
});

test("a week's days average to 1, Saturday above all", () => {
  const week = [0, 1, 2, 3, 4, 5, 6].map(shoppingMood);
  expect(week.reduce((sum, n) => sum + n, 0) / 7).toBeCloseTo(1, 1);
  expect(Math.max(...week)).toBe(week[5]);
});

test("coffee is for working days, clothes are for weekends", () => {
  const bought = spendDays({ ...budget, incomeCents: 2_000_000 }, 700).map(({ purchases }, day) => ({
    weekend: isWeekend(day),
    names: purchases.map(({ category }) => category),
  }));
  const share = (weekend: boolean, name: string) => {
    const names = bought.filter((day) => day.weekend === weekend).flatMap((day) => day.names);
    return names.filter((each) => each === name).length / names.length;
  };
  expect(weekdayOf(5)).toBe(5);
  expect(share(false, "coffee")).toBeGreaterThan(2 * share(true, "coffee"));
  expect(share(true, "clothing")).toBeGreaterThan(2 * share(false, "clothing"));
});

test("what is too dear is left, and what comes after it can still be bought", () => {
  const wishes = [
    { cents: 400, category: "coffee" },
    { cents: 5_000, category: "clothing" },
    { cents: 300, category: "dining" },
  ];
  const { purse, purchases } = buyAffordable({ cents: 1_000 }, wishes);
  expect(purchases.map(({ category }) => category)).toEqual(["coffee", "dining"]);
  expect(purse.cents).toBe(300);
});
