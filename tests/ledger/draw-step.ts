import type { Queryable } from "../../platform/database/connect.ts";
import { type Random, chance, pickWeighted } from "../../simulator/domain/random.ts";
import { changeAccount } from "./drive/change.ts";
import { authorize, capture, expire, letBecomeDue, voidHolds } from "./drive/holds.ts";
import { type Answer, post } from "./drive/post.ts";
import { drawChange, drawChanged } from "./generate/changes.ts";
import { below } from "./generate/draw.ts";
import { drawOrders } from "./generate/orders.ts";
import { drawPurchases, drawRules } from "./generate/purchases.ts";
import { drawRetries } from "./generate/retries.ts";
import { drawDue, drawSettlements } from "./generate/settlements.ts";
import { type Purchase, predictAuthorize } from "./model/authorize.ts";
import { predictChange } from "./model/change.ts";
import type { Model } from "./model/model.ts";
import { predictPost } from "./model/post.ts";
import type { Prediction } from "./model/prediction.ts";
import { type Settlement, expireDue, predictCapture, predictVoid } from "./model/settle.ts";
import type { Mode, Order } from "./model/transfer-order.ts";

/** What was sent before, to be sent again. */
export type History = { orders: Order[]; purchases: Purchase[]; captures: Settlement[]; voids: Settlement[] };

export type Operation = {
  readonly scope?: string;
  readonly key?: string | null;
  readonly hash?: string | null;
};

/** One call of the database, and what it ought to answer and do. */
export type Step = {
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly prediction: Prediction;
  readonly send: (sql: Queryable) => Promise<Answer[]>;
};

type Draw = (random: Random, model: Model, history: History, most: number) => Step;

/** A step that the seed decides; `most` bounds its operations. */
export const drawStep: Draw = (random, model, history, most) =>
  pickWeighted(random, STEPS).draw(random, model, history, most);

const sizeUpTo = (random: Random, most: number): number => 1 + below(random, Math.max(1, Math.floor(most)));

// Of an atomic batch a large one would hardly ever go through.
const ATOMIC_SHARE = 0.02;

const transfers =
  (mode: Mode, share: number): Draw =>
  (random, model, history, most) => {
    const size = sizeUpTo(random, most * share);
    const orders =
      mode === "retry" ? drawRetries(random, model, size) : drawOrders(random, model, history, size);
    if (orders.length === 0) return transfers("each", share)(random, model, history, most);
    return {
      name: `transfers, ${mode}`,
      operations: orders,
      prediction: predictPost(model, orders, mode),
      send: (sql) => post(sql, orders, mode),
    };
  };

// Each in a call of its own, which the database serves on another path; what is asked for means the same.
const oneByOne = async <T>(items: readonly T[], send: (item: T) => Promise<Answer[]>): Promise<Answer[]> => {
  const answers: Answer[] = [];
  for (const item of items) answers.push(...(await send(item)));
  return answers;
};
const SINGLE_SHARE = 0.2;

const singleTransfers: Draw = (random, model, history, most) => {
  const orders = drawOrders(random, model, history, sizeUpTo(random, most * SINGLE_SHARE));
  return {
    name: "transfers, one by one",
    operations: orders,
    prediction: predictPost(model, orders, "each", { singly: true }),
    send: (sql) => oneByOne(orders, (order) => post(sql, [order], "each")),
  };
};

const singlePurchases: Draw = (random, model, history, most) => {
  const rules = drawRules(random, model);
  const drawn = drawPurchases(random, model, history.purchases, sizeUpTo(random, most * SINGLE_SHARE));
  return {
    name: "authorize, one by one",
    operations: drawn,
    prediction: predictAuthorize(model, drawn, rules),
    send: (sql) => oneByOne(drawn, (purchase) => authorize(sql, [purchase], rules)),
  };
};

const purchases: Draw = (random, model, history, most) => {
  const rules = drawRules(random, model);
  const drawn = drawPurchases(random, model, history.purchases, sizeUpTo(random, most * 0.5));
  return {
    name: "authorize",
    operations: drawn,
    prediction: predictAuthorize(model, drawn, rules),
    send: (sql) => authorize(sql, drawn, rules),
  };
};

const captures: Draw = (random, model, history, most) => {
  const atomic = chance(random, 0.2);
  const size = sizeUpTo(random, atomic ? most * ATOMIC_SHARE : most * 0.3);
  const drawn = drawSettlements(random, model, history.captures, size);
  return {
    name: atomic ? "capture, atomic" : "capture",
    operations: drawn,
    prediction: predictCapture(model, drawn, atomic),
    send: (sql) => capture(sql, drawn, atomic),
  };
};

const voids: Draw = (random, model, history, most) => {
  const atomic = chance(random, 0.2);
  const size = sizeUpTo(random, atomic ? most * ATOMIC_SHARE : most * 0.2);
  const drawn = drawSettlements(random, model, history.voids, size);
  return {
    name: atomic ? "void, atomic" : "void",
    operations: drawn,
    prediction: predictVoid(model, drawn, atomic),
    send: (sql) => voidHolds(sql, drawn, atomic),
  };
};

const expiry: Draw = (random, model) => {
  const due = drawDue(random, model);
  for (const id of due) model.holds.get(id)!.due = true;
  const expires = chance(random, 0.5);
  return {
    name: expires ? "expire" : "time passes",
    operations: due.map(() => ({})),
    prediction: { expected: [], written: false, commit: () => {} },
    send: async (sql) => {
      await letBecomeDue(sql, due);
      if (!expires) return [];
      const [expected, expired] = [expireDue(model), await expire(sql)];
      if (expected !== expired) throw new Error(`${expected} holds were due, ${expired} expired`);
      return [];
    },
  };
};

const changes: Draw = (random, model) => {
  // Of different accounts, so that none of them matters to another.
  const accounts = new Set(
    Array.from({ length: sizeUpTo(random, MOST_CHANGES) }, () => drawChanged(random, model)),
  );
  const drawn = [...accounts].map((account) => drawChange(random, account));
  const predictions = drawn.map((change) => predictChange(model, change));
  return {
    name: "change",
    operations: drawn.map(() => ({})),
    prediction: {
      expected: predictions.flatMap(({ expected }) => expected),
      written: true,
      commit: () => predictions.forEach(({ commit }) => commit()),
    },
    send: (sql) => oneByOne(drawn, (change) => changeAccount(sql, change)),
  };
};
const MOST_CHANGES = 8;

const STEPS: readonly { weight: number; draw: Draw }[] = [
  { weight: 0.3, draw: transfers("each", 1) },
  { weight: 0.1, draw: singleTransfers },
  { weight: 0.06, draw: transfers("atomic", ATOMIC_SHARE) },
  { weight: 0.04, draw: transfers("dry", 0.3) },
  { weight: 0.06, draw: transfers("retry", 0.5) },
  { weight: 0.1, draw: purchases },
  { weight: 0.06, draw: singlePurchases },
  { weight: 0.12, draw: captures },
  { weight: 0.06, draw: voids },
  { weight: 0.04, draw: expiry },
  { weight: 0.06, draw: changes },
];
