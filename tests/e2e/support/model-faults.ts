import { until } from "../../harness/until.ts";
import { secrets, replicasOf } from "./stack.ts";

export type Faults = { latencyMs?: number; errorRate?: number; hang?: boolean; malformed?: boolean };

/** Makes every replica of the model go wrong like this. */
export const breakModel = (faults: Faults): Promise<void> => changeFaults("PUT", faults);

/** The model answers again; waits until every breaker in front of it has noticed. */
export const mendModel = async (probe: () => Promise<unknown>): Promise<void> => {
  await changeFaults("DELETE");
  await until(
    async () => {
      await probe();
      return (await breakerStates()).every((state) => state === "closed");
    },
    { within: 45_000, every: 200, what: "every breaker closed" },
  );
};

const changeFaults = async (method: "PUT" | "DELETE", faults?: Faults): Promise<void> => {
  for (const { url } of replicasOf("ml-mock")) {
    const response = await fetch(new URL("/admin/faults", url), {
      method,
      headers: { "x-admin-key": secrets().mlAdminKey, "content-type": "application/json" },
      ...(faults && { body: JSON.stringify(faults) }),
    });
    if (!response.ok) throw new Error(`the model's faults could not be changed: ${await response.text()}`);
    await response.text();
  }
};

/** The state of the breaker in each replica of the credit service, as its readiness tells. */
export const breakerStates = (): Promise<string[]> =>
  Promise.all(
    replicasOf("credit-service").map(async ({ url }) => {
      const response = await fetch(new URL("/readyz", url));
      const { checks } = (await response.json()) as { checks: Record<string, { breaker?: string }> };
      return checks["model"]?.breaker ?? "not shown";
    }),
  );

/** Predictions that were asked of the model so far, over all its replicas. */
export const modelCalls = async (): Promise<number> => {
  const counts = await Promise.all(
    replicasOf("ml-mock").map(async ({ url }) => {
      const text = await (await fetch(new URL("/metrics", url))).text();
      return text
        .split("\n")
        .filter(
          (line) => line.startsWith("http_request_duration_seconds_count") && line.includes('"/v1/predict"'),
        )
        .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
};
