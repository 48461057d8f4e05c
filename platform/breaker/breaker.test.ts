import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Breaker, BreakerOpenError, createBreaker } from "./breaker.ts";

class NotAFailure extends Error {}

const RESET_MS = 30_000;
let breaker: Breaker;

beforeEach(() => {
  vi.useFakeTimers();
  breaker = createBreaker({
    name: "test",
    failuresToOpen: 5,
    resetMs: RESET_MS,
    isFailure: (error) => !(error instanceof NotAFailure),
  });
});
afterEach(() => {
  breaker.stop();
  vi.useRealTimers();
});

const succeed = () => breaker.run(() => Promise.resolve("fine"));
const fail = async (times = 1, error = new Error("broken")) => {
  for (let index = 0; index < times; index++)
    await expect(breaker.run(() => Promise.reject(error))).rejects.toBe(error);
};
const pending = () => {
  const answer = Promise.withResolvers<string>();
  return { ...answer, result: breaker.run(() => answer.promise) };
};

describe("breaker", () => {
  test("opens on the fifth failure in a row, not before", async () => {
    await fail(4);
    expect(breaker.state()).toBe("closed");
    await fail();
    expect(breaker.state()).toBe("open");
  });

  test("a success between failures starts the count again", async () => {
    await fail(4);
    await succeed();
    await fail(4);
    expect(breaker.state()).toBe("closed");
  });

  test("an error that is no failure of the service neither counts nor is hidden", async () => {
    await fail(4);
    await fail(1, new NotAFailure("4xx"));
    await fail(4);
    expect(breaker.state()).toBe("closed");
  });

  test("while open it refuses at once and says for how long", async () => {
    await fail(5);
    vi.advanceTimersByTime(10_000);
    const call = vi.fn(() => Promise.resolve(1));
    const refusal = await breaker.run(call).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BreakerOpenError);
    expect((refusal as BreakerOpenError).remainingMs).toBe(20_000);
    expect(call).not.toHaveBeenCalled();
  });

  test("after the time one trial goes through, and its success closes it", async () => {
    await fail(5);
    vi.advanceTimersByTime(RESET_MS);
    expect(breaker.state()).toBe("half-open");
    const trial = pending();
    await expect(succeed()).rejects.toBeInstanceOf(BreakerOpenError);
    trial.resolve("back");
    expect(await trial.result).toBe("back");
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state()).toBe("closed");
  });

  test("a failed trial opens it again for the full time", async () => {
    await fail(5);
    vi.advanceTimersByTime(RESET_MS);
    await fail();
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state()).toBe("open");
    vi.advanceTimersByTime(RESET_MS - 1);
    expect(breaker.state()).toBe("open");
    vi.advanceTimersByTime(1);
    expect(breaker.state()).toBe("half-open");
  });

  test("an answer from before the opening reaches its caller but does not close it", async () => {
    const stale = pending();
    await fail(5);
    vi.advanceTimersByTime(RESET_MS);
    stale.resolve("late");
    expect(await stale.result).toBe("late");
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state()).toBe("half-open");
  });

  test("a failure from before the opening does not fail the trial", async () => {
    const stale = pending();
    await fail(5);
    vi.advanceTimersByTime(RESET_MS);
    stale.reject(new Error("late"));
    await expect(stale.result).rejects.toThrow("late");
    await vi.advanceTimersByTimeAsync(0);
    expect(breaker.state()).toBe("half-open");
    expect(await succeed()).toBe("fine");
  });
});
