export type StopRequest = {
  /** The first request, with what it was. */
  readonly stop: (reason: string) => Promise<void>;
  /** A later one, from somebody who does not want to wait. */
  readonly force: () => void;
};

// One Ctrl-C may come several times, from the terminal and from each parent that passes it on.
const SAME_REQUEST_MS = 2000;

/** Listens for everything that asks this process to stop, the end of its parent included. */
export const onStopRequest = ({ stop, force }: StopRequest): void => {
  let first = 0;
  const request = (reason: string): void => {
    if (first === 0) {
      first = Date.now();
      void stop(reason);
    } else if (Date.now() - first > SAME_REQUEST_MS) force();
  };
  process.on("SIGINT", () => request("Ctrl-C"));
  process.on("SIGTERM", () => request("SIGTERM"));
  process.on("SIGHUP", () => request("The terminal closed"));
  process.once("disconnect", () => {
    if (first === 0) request("The process that started this one is gone");
  });
  // The reader of our output may go first: that must not keep us from stopping what we started.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
};
