/** Removes the oldest key if there are as many as there may be: a Map and a Set keep the order of insertion. */
export const makeRoom = (keyed: Map<string, unknown> | Set<string>, most: number): void => {
  if (keyed.size < most) return;
  const [oldest] = keyed.keys();
  if (oldest !== undefined) keyed.delete(oldest);
};
