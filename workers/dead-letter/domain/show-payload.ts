import { isUtf8 } from "node:buffer";
import { parseJson } from "./read-identity.ts";

export type ShownPayload = { format: "json" | "text" | "base64"; content: unknown; bytes: number };

/** A payload as something that people can read: JSON where it is JSON, else text, else base64. */
export const showPayload = (payload: Buffer): ShownPayload => {
  const bytes = payload.length;
  const json = parseJson(payload);
  if (json !== undefined) return { format: "json", content: json, bytes };
  if (isUtf8(payload)) return { format: "text", content: payload.toString(), bytes };
  return { format: "base64", content: payload.toString("base64"), bytes };
};
