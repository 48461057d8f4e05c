import { randomUUID } from "node:crypto";
import type { Caller } from "../../platform/identity/caller.ts";
import { openLine } from "../ledger/credit-line.ts";
import type { UsedLedger } from "./use-ledger.ts";

export const ANONYMOUS: Caller = { kind: "anonymous" };
export const ALL_SCOPES = ["authorizations:write", "authorizations:read"];

/** Partners of a ledger, and what they send. */
export const usePartners = ({ sql, ledger }: UsedLedger) => {
  const newPartner = async (): Promise<string> =>
    (await ledger.send("POST", "/v1/partners", { body: { name: "Shop" } })).body.id as string;
  const newKey = async (partnerId: string, scopes = ALL_SCOPES): Promise<{ id: string; key: string }> =>
    (await ledger.send("POST", `/v1/partners/${partnerId}/keys`, { body: { scopes } })).body;
  const link = (partnerId: string, externalId: string, userId: string) =>
    ledger.send("PUT", `/v1/partners/${partnerId}/users/${externalId}`, { body: { userId } });
  const withKey = (key: string, method: string, path: string, body?: unknown) =>
    ledger.send(method, path, {
      caller: ANONYMOUS,
      headers: { "x-api-key": key },
      ...(body !== undefined && { body }),
    });
  const authorize = (key: string, body: unknown) => withKey(key, "POST", "/authorize", body);

  /** A partner with a key, and a person with a line whom it knows as `user`. */
  const setUp = async () => {
    const line = await openLine(sql);
    const partnerId = await newPartner();
    const { id: keyId, key } = await newKey(partnerId);
    const user = `u-${randomUUID().slice(0, 8)}`;
    await link(partnerId, user, line.owner);
    return { line, partnerId, keyId, key, user };
  };

  return { newPartner, newKey, link, withKey, authorize, setUp };
};
