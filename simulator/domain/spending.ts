import type { Budget } from "./persona.ts";
import { type Random, poisson } from "./random.ts";
import { type Purchase, drawPurchase, shoppingMood } from "./shopping.ts";

/** What is in someone's purse, in whole cents. It is never overdrawn. */
export type Purse = { readonly cents: number };

export type DayOfSpending = { readonly purse: Purse; readonly purchases: readonly Purchase[] };

const RENT_HOUR = 9;
const SPLURGE_LASTS_DAYS = 3;

export const openPurse = (budget: Budget): Purse => ({ cents: budget.savingsCents });

export const daysSincePay = (budget: Budget, day: number): number =>
  (day + budget.payDayOffset) % budget.payPeriodDays;

/** 1 on pay-day, falling to 0 towards the next. */
export const moneyLeft = (budget: Budget, day: number): number =>
  1 - daysSincePay(budget, day) / budget.payPeriodDays;

/** How many purchases are to be expected on a day: more after pay-day, more on Saturday. */
export const expectedPurchases = (budget: Budget, day: number): number =>
  budget.purchasesPerDay *
  shoppingMood(day) *
  (1 + budget.payDaySplurge * Math.exp(-daysSincePay(budget, day) / SPLURGE_LASTS_DAYS));

/** A day of spending: pay and rent on pay-day, then what is bought and can be afforded, in the order of the day. */
export const spendDay = (
  purse: Purse,
  budget: Budget,
  { day, wakesAt }: { day: number; wakesAt: number },
  random: Random,
): DayOfSpending => {
  const count = poisson(random, expectedPurchases(budget, day));
  const wishes = Array.from({ length: count }, () => drawPurchase(random, day, wakesAt, budget.priceLevel));
  const payDay = daysSincePay(budget, day) === 0;
  const rent = Math.round(budget.incomeCents * budget.rentShare);
  if (payDay && rent > 0) wishes.push({ hour: RENT_HOUR, cents: rent, category: "rent" });
  const inOrder = wishes.toSorted((a, b) => a.hour - b.hour);
  return buyAffordable({ cents: purse.cents + (payDay ? budget.incomeCents : 0) }, inOrder);
};

/** Buys what the purse allows, one wish after the other; what is too dear is left. */
export const buyAffordable = <Wish extends { readonly cents: number }>(
  purse: Purse,
  wishes: readonly Wish[],
): { purse: Purse; purchases: Wish[] } => {
  let { cents } = purse;
  const purchases = wishes.filter((wish) => {
    if (wish.cents > cents) return false;
    cents -= wish.cents;
    return true;
  });
  return { purse: { cents }, purchases };
};
