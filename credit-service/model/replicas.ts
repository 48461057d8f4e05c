export type Replicas = {
  /** Calls one replica after another, the least busy first, until one can be reached. @throws the last error */
  call: <Result>(
    send: (url: string) => Promise<Result>,
    isUnreachable: (error: unknown) => boolean,
  ) => Promise<Result>;
};

// A replica that could not be reached goes to the end of the queue for so long: its calls fail so quickly that it
// would otherwise always be the least busy.
const AVOID_MS = 2_000;

export const createReplicas = (urls: string[], now: () => number = () => performance.now()): Replicas => {
  const replicas = urls.map((url) => ({ url, inFlight: 0, avoidUntil: -Infinity }));
  let turn = 0;

  const inOrder = () => {
    const time = now();
    turn = (turn + 1) % replicas.length;
    const rotated = [...replicas.slice(turn), ...replicas.slice(0, turn)];
    const avoided = (replica: (typeof replicas)[number]) => Number(replica.avoidUntil > time);
    return rotated.toSorted((a, b) => avoided(a) - avoided(b) || a.inFlight - b.inFlight);
  };

  return {
    call: async (send, isUnreachable) => {
      let unreachable: unknown = new Error("no replica is configured");
      for (const replica of inOrder()) {
        replica.inFlight += 1;
        try {
          return await send(replica.url);
        } catch (error) {
          if (!isUnreachable(error)) throw error;
          replica.avoidUntil = now() + AVOID_MS;
          unreachable = error;
        } finally {
          replica.inFlight -= 1;
        }
      }
      throw unreachable;
    },
  };
};
