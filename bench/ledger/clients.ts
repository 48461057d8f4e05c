/** Clients, callers or connections of each side, unless it says otherwise. */
export const CLIENTS = 32;
