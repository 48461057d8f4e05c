import { sendTransactionBatch } from "../../contracts/http/telemetry-batches.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { App } from "../../platform/http/create-app.ts";
import type { IntakeDeps } from "../deps.ts";
import { createBatchReceiver } from "../batch/receive-batch.ts";
import { readTransaction } from "../domain/read-transaction.ts";

export const registerSendTransactionBatch = (app: App, deps: IntakeDeps): void => {
  const receive = createBatchReceiver(deps, { subject: subjects.transactions, read: readTransaction });
  app.post(sendTransactionBatch.path, receive);
};
