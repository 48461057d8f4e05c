import { expect, test } from "vitest";
import { deliveryIdFrom, eventIdOfDelivery } from "./delivery-id.ts";

test("a delivery id that nginx made is kept, anything else is replaced", () => {
  const made = "0123456789abcdef0123456789abcdef";
  expect(deliveryIdFrom(made)).toBe(made);
  for (const other of [undefined, "", "ABC", `${made}0`, `${made}\n`, [made, made]]) {
    expect(deliveryIdFrom(other)).toMatch(/^[0-9a-f]{32}$/);
    expect(deliveryIdFrom(other)).not.toBe(made);
  }
});

test("an event's id made of a delivery is one UUID of version 8, always the same", () => {
  expect(eventIdOfDelivery("0123456789abcdef0123456789abcdef")).toBe("01234567-89ab-8def-8123-456789abcdef");
  expect(eventIdOfDelivery("ffffffffffffffffffffffffffffffff")).toBe("ffffffff-ffff-8fff-bfff-ffffffffffff");
});
