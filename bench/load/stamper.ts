/** Stands in a request wherever a number is to be that no other request has. */
export const STAMP = "@@@@@@@@@@";

const NINE = 57;
const ZERO = 48;

/**
 * Fills in the stamps of a request, in a copy of it, with numbers that go on counting: so a few requests, encoded
 * before, become as many different events as are wanted, for some microseconds each.
 */
export const createStamper = (): ((request: Buffer) => Buffer) => {
  const places = new Map<Buffer, number[]>();
  const counter = Buffer.from("0".repeat(STAMP.length));

  const countUp = (): void => {
    let digit = counter.length - 1;
    while (counter[digit] === NINE) counter[digit--] = ZERO;
    counter[digit]! += 1;
  };

  return (request) => {
    let found = places.get(request);
    if (!found) places.set(request, (found = placesIn(request)));
    if (found.length === 0) return request;
    const stamped = Buffer.from(request);
    for (const place of found) {
      countUp();
      for (let digit = 0; digit < counter.length; digit++) stamped[place + digit] = counter[digit]!;
    }
    return stamped;
  };
};

const placesIn = (request: Buffer): number[] => {
  const places: number[] = [];
  for (let at = request.indexOf(STAMP); at !== -1; at = request.indexOf(STAMP, at + STAMP.length))
    places.push(at);
  return places;
};
