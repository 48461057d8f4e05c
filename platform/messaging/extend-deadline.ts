import type { Delivery } from "./delivery.ts";

/** Runs the work and tells the broker meanwhile, well within the ack deadline, that it is still going on. */
export const whileExtendingDeadline = async <T>(
  deliveries: Delivery[],
  ackWaitMs: number,
  work: () => Promise<T>,
): Promise<T> => {
  const timer = setInterval(() => {
    for (const { message } of deliveries) message.working();
  }, ackWaitMs / 3);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
};
