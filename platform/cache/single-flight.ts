/**
 * One load per key at a time in this process: who asks meanwhile shares its outcome, a failure too. Nothing is
 * kept once it has settled.
 */
export const createSingleFlight = <Value>() => {
  const flights = new Map<string, Promise<Value>>();
  return (key: string, load: () => Promise<Value>): Promise<Value> => {
    const running = flights.get(key);
    if (running) return running;
    const flight = load().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  };
};
