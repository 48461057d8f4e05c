/** Where events are published. One name each, here and nowhere else. */
export const subjects = {
  emotions: "user.emotions.topic",
  transactions: "transactions.topic",
  offersApproved: "credit.offers.approved",
  limitsActivated: "credit.limits.activated",
  notifications: "user.notifications",
  /** `account.created` and `account.updated`. */
  accounts: "account",
  /** `transaction.submitted`, `transaction.completed` and `transaction.failed`: transfers of the ledger. */
  ledgerTransactions: "transaction",
  authorizations: "authorization",
  bonuses: "bonus",
  chainHead: "ledger.chain.head",
  /** Followed by the name of the stream that the event comes from. */
  deadLetters: "dead-letters",
} as const;
