/** What the database has decided and written, ready to be sent. */
export type Answer = { status: number; body: string; replayed: boolean };
