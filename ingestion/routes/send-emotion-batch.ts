import { sendEmotionBatch } from "../../contracts/http/telemetry-batches.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { App } from "../../platform/http/create-app.ts";
import type { IntakeDeps } from "../deps.ts";
import { createBatchReceiver } from "../batch/receive-batch.ts";
import { readEmotion } from "../domain/read-emotion.ts";

export const registerSendEmotionBatch = (app: App, deps: IntakeDeps): void => {
  app.post(
    sendEmotionBatch.path,
    createBatchReceiver(deps, { subject: subjects.emotions, read: readEmotion }),
  );
};
