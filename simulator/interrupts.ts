/** The first Ctrl-C ends the playing, the second the checking. */
export type Interrupts = { readonly first: AbortSignal; readonly second: AbortSignal };

// One Ctrl-C may arrive several times: from the terminal and from whoever started us.
const SAME_INTERRUPT_MS = 500;

export const listenForInterrupts = (process: Pick<NodeJS.Process, "on">, now: () => number): Interrupts => {
  const first = new AbortController();
  const second = new AbortController();
  let last = -Infinity;
  const interrupt = (): void => {
    const at = now();
    if (first.signal.aborted && at - last > SAME_INTERRUPT_MS) second.abort();
    first.abort();
    last = at;
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return { first: first.signal, second: second.signal };
};
