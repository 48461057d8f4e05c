import { randomBytes } from "node:crypto";

/**
 * Names one request of a client over every attempt at delivering it: nginx sets it, and sends it again when it asks
 * another gateway, as a gateway does when it asks another replica. What a client sends under this name is replaced.
 */
export const DELIVERY_ID_HEADER = "x-delivery-id";

const DELIVERY_ID = /^[0-9a-f]{32}$/;

/** The delivery id of a request, 32 hexadecimal digits; a new one where nginx is not in front. */
export const deliveryIdFrom = (header: string | string[] | undefined): string =>
  typeof header === "string" && DELIVERY_ID.test(header) ? header : randomBytes(16).toString("hex");

/** The id of an event that came without one: the same over all attempts, as a UUID of version 8 (RFC 9562 §5.8). */
export const eventIdOfDelivery = (deliveryId: string): string => {
  const variant = ((Number.parseInt(deliveryId[16]!, 16) & 0x3) | 0x8).toString(16);
  const [a, b, c] = [deliveryId.slice(0, 8), deliveryId.slice(8, 12), deliveryId.slice(13, 16)];
  return `${a}-${b}-8${c}-${variant}${deliveryId.slice(17, 20)}-${deliveryId.slice(20)}`;
};
