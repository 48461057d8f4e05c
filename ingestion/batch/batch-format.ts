import { BATCH_ENCODINGS, NDJSON_TYPES } from "../../contracts/http/telemetry-batches.ts";
import { AppError } from "../../platform/errors/app-error.ts";

export type BatchEncoding = (typeof BATCH_ENCODINGS)[number] | "identity";
export type BatchFormat = { kind: "array" | "lines"; encoding: BatchEncoding };

const ENCODINGS: readonly BatchEncoding[] = ["identity", ...BATCH_ENCODINGS];

const ACCEPTED_TYPES = ["application/json", ...NDJSON_TYPES].join(", ");

/**
 * How the body of a request is written, by its Content-Type and Content-Encoding.
 * @throws AppError unsupported_media_type
 */
export const batchFormat = (type: string | undefined, encoding: string | undefined): BatchFormat => ({
  kind: kindOf(type),
  encoding: encodingOf(encoding),
});

const kindOf = (type: string | undefined): BatchFormat["kind"] => {
  const essence = (type ?? "").replace(/;.*$/s, "").trim().toLowerCase();
  if (essence === "application/json") return "array";
  if ((NDJSON_TYPES as readonly string[]).includes(essence)) return "lines";
  throw new AppError("unsupported_media_type", `Send the body as one of ${ACCEPTED_TYPES}`, {
    headers: { "accept-post": ACCEPTED_TYPES },
  });
};

// RFC 9110 §12.5.3: a 415 for the coding says which ones are taken.
const encodingOf = (encoding: string | undefined): BatchEncoding => {
  const name = encoding?.trim().toLowerCase() ?? "identity";
  const known = ENCODINGS.find((taken) => taken === name);
  if (known) return known;
  const accepted = BATCH_ENCODINGS.join(", ");
  throw new AppError("unsupported_media_type", `Compress the body with one of ${accepted}, or not at all`, {
    headers: { "accept-encoding": accepted },
  });
};
