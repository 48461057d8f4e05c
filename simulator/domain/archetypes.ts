export type Archetype = {
  readonly name: ArchetypeName;
  /** Share of the population. */
  readonly weight: number;
  readonly hasHistory: boolean;
  readonly readingsPerDay: number;
  readonly mood: {
    readonly positivity: number;
    readonly tension: number;
    readonly volatility: number;
    readonly stressEpisodesPerDay: number;
    readonly moneyWorry: number;
  };
  /** Income and pay period; income itself is never sent, only what is spent of it. */
  readonly money: {
    readonly incomeCents: number;
    readonly payPeriodDays: number;
    readonly purchasesPerDay: number;
    readonly priceLevel: number;
    readonly payDaySplurge: number;
    readonly rentShare: number;
  };
  readonly acceptance: readonly { readonly does: Acceptance; readonly weight: number }[];
};

/** What someone does with an offer. */
export type Acceptance = "at once" | "after thinking" | "never";

export type ArchetypeName =
  | "steady earner"
  | "student"
  | "gig worker"
  | "big spender"
  | "burnt out"
  | "newcomer";

const MONTHLY = 30;
const BIWEEKLY = 14;

const acceptance = (atOnce: number, afterThinking: number, never: number): Archetype["acceptance"] => [
  { does: "at once", weight: atOnce },
  { does: "after thinking", weight: afterThinking },
  { does: "never", weight: never },
];

/** The kinds of people in the population, from calm and regular to strained; a newcomer arrives with no past. */
export const archetypes: readonly Archetype[] = [
  {
    name: "steady earner",
    weight: 30,
    hasHistory: true,
    readingsPerDay: 3,
    mood: { positivity: 0.66, tension: 0.24, volatility: 0.1, stressEpisodesPerDay: 0.05, moneyWorry: 0.05 },
    money: {
      incomeCents: 320_000,
      payPeriodDays: MONTHLY,
      purchasesPerDay: 1.6,
      priceLevel: 1,
      payDaySplurge: 0.6,
      rentShare: 0.3,
    },
    acceptance: acceptance(50, 30, 20),
  },
  {
    name: "student",
    weight: 18,
    hasHistory: true,
    readingsPerDay: 4,
    mood: { positivity: 0.58, tension: 0.34, volatility: 0.16, stressEpisodesPerDay: 0.15, moneyWorry: 0.15 },
    money: {
      incomeCents: 45_000,
      payPeriodDays: BIWEEKLY,
      purchasesPerDay: 1.3,
      priceLevel: 0.45,
      payDaySplurge: 1,
      rentShare: 0.25,
    },
    acceptance: acceptance(65, 20, 15),
  },
  {
    name: "gig worker",
    weight: 16,
    hasHistory: true,
    readingsPerDay: 3,
    mood: { positivity: 0.5, tension: 0.44, volatility: 0.14, stressEpisodesPerDay: 0.3, moneyWorry: 0.22 },
    money: {
      incomeCents: 90_000,
      payPeriodDays: BIWEEKLY,
      purchasesPerDay: 1.1,
      priceLevel: 0.7,
      payDaySplurge: 1.4,
      rentShare: 0.35,
    },
    acceptance: acceptance(60, 25, 15),
  },
  {
    name: "big spender",
    weight: 12,
    hasHistory: true,
    readingsPerDay: 2,
    mood: { positivity: 0.68, tension: 0.3, volatility: 0.18, stressEpisodesPerDay: 0.12, moneyWorry: 0.1 },
    money: {
      incomeCents: 650_000,
      payPeriodDays: MONTHLY,
      purchasesPerDay: 2.4,
      priceLevel: 2.2,
      payDaySplurge: 1.6,
      rentShare: 0.25,
    },
    acceptance: acceptance(70, 15, 15),
  },
  {
    name: "burnt out",
    weight: 14,
    hasHistory: true,
    readingsPerDay: 4,
    mood: { positivity: 0.26, tension: 0.62, volatility: 0.12, stressEpisodesPerDay: 0.7, moneyWorry: 0.15 },
    money: {
      incomeCents: 210_000,
      payPeriodDays: MONTHLY,
      purchasesPerDay: 0.4,
      priceLevel: 0.6,
      payDaySplurge: 0.4,
      rentShare: 0,
    },
    acceptance: acceptance(40, 30, 30),
  },
  {
    name: "newcomer",
    weight: 10,
    hasHistory: false,
    readingsPerDay: 3,
    mood: { positivity: 0.6, tension: 0.32, volatility: 0.14, stressEpisodesPerDay: 0.1, moneyWorry: 0.1 },
    money: {
      incomeCents: 240_000,
      payPeriodDays: MONTHLY,
      purchasesPerDay: 1.4,
      priceLevel: 0.9,
      payDaySplurge: 0.8,
      rentShare: 0.3,
    },
    acceptance: acceptance(60, 25, 15),
  },
];
