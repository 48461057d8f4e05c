import { EVENT_BODY_LIMIT, sendTransaction, transactionBody } from "../../contracts/http/telemetry.ts";
import { subjects } from "../../contracts/subjects.ts";
import type { App } from "../../platform/http/create-app.ts";
import { DELIVERY_ID_HEADER, deliveryIdFrom, eventIdOfDelivery } from "../../platform/http/delivery-id.ts";
import { readJson } from "../../platform/http/read-json.ts";
import { requireSender } from "../../platform/identity/authorize.ts";
import { isoTime } from "../../platform/observability/iso-time.ts";
import type { IntakeDeps } from "../deps.ts";
import { requireEventTime } from "../domain/require-event-time.ts";
import { transactionEventOf } from "../domain/telemetry-events.ts";

export const registerSendTransaction = (app: App, { publisher, now }: IntakeDeps): void => {
  app.post(sendTransaction.path, async (c) => {
    const body = await readJson(c, transactionBody, EVENT_BODY_LIMIT, { lastCounts: true });
    const userId = body.userId.toLowerCase();
    requireSender(c.get("caller"), userId);
    const received = now();
    const receivedAt = isoTime(received);
    const eventId = body.eventId ?? eventIdOfDelivery(deliveryIdFrom(c.req.header(DELIVERY_ID_HEADER)));
    const time =
      body.occurredAt === undefined
        ? receivedAt
        : requireEventTime(body.occurredAt, "/occurredAt", received).text;
    const added = { eventId, userId, time, receivedAt, traceId: c.get("requestId") };
    const event = transactionEventOf(body, added);
    await publisher.publish(subjects.transactions, JSON.stringify(event), c.get("traceparent"));
    return c.json({ status: "event received", userId: body.userId, eventId }, 202);
  });
};
