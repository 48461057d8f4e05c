import { expect, test } from "vitest";
import { STAMP, createStamper } from "./stamper.ts";

test("every stamp gets a number that none had before, and the request itself stays as it is", () => {
  const stamp = createStamper();
  const request = Buffer.from(`a ${STAMP} b ${STAMP}`);
  expect(stamp(request).toString()).toBe("a 0000000001 b 0000000002");
  for (let n = 0; n < 4; n++) stamp(request);
  expect(stamp(request).toString()).toBe("a 0000000011 b 0000000012");
  expect(request.toString()).toContain(STAMP);
  const plain = Buffer.from("nothing to fill in");
  expect(stamp(plain)).toBe(plain);
});
