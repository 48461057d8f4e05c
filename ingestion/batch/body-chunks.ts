import type { Readable } from "node:stream";
import { constants, createBrotliDecompress, createGunzip, createZstdDecompress } from "node:zlib";
import type { BrotliDecompress, Gunzip, ZstdDecompress } from "node:zlib";
import { BATCH_LIMITS } from "../../contracts/http/telemetry-batches.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import { codeOf } from "../../platform/errors/code-of.ts";
import { CLOSE } from "../../platform/http/read-body.ts";
import type { BatchEncoding } from "./batch-format.ts";

export type ChunkLimits = {
  /** Of the body, decompressed. */
  maxBytes: number;
  /** How long the next part of the body may take, in ms. */
  idleMs: number;
  /** How long the whole body may take, in ms. */
  totalMs: number;
};

/**
 * The body's bytes, decompressed, as they come in. Nothing is read ahead of the consumer but what the streams buffer.
 * @throws AppError body_too_large, request_timeout or bad_request, when what came before has been handed over
 */
export async function* bodyChunks(
  source: Readable,
  encoding: BatchEncoding,
  { maxBytes, idleMs, totalMs }: ChunkLimits,
): AsyncGenerator<Buffer> {
  const deadline = performance.now() + totalMs;
  const decoder = encoding === "identity" ? undefined : decompress(source, encoding);
  const decoded = decoder ?? source;
  // Destroying the request would take the connection away before it is answered.
  const chunks = decoded.iterator({ destroyOnReturn: false });
  let bytes = 0;
  try {
    for (;;) {
      const patienceMs = Math.max(0, Math.min(idleMs, deadline - performance.now()));
      const next = await inTime(chunks.next(), patienceMs, encoding);
      if (next.done) return;
      const chunk = next.value as Buffer;
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      if (decoder && bytes > Math.max(SMALL_BYTES, decoder.bytesWritten * BATCH_LIMITS.inflation))
        throw bursts();
      yield chunk;
    }
  } finally {
    if (decoder) {
      source.unpipe();
      decoder.destroy();
    }
    // An error of a connection that is going away has nobody left to hear of it.
    source.on("error", () => {});
  }
}

export const tooLarge = (maxBytes: number): AppError =>
  new AppError("body_too_large", `The body may have at most ${maxBytes} bytes, decompressed`, CLOSE);

// So few are dealt with at once, whatever they were.
const SMALL_BYTES = 256 * 1_024;

const bursts = (): AppError =>
  new AppError(
    "body_too_large",
    `The body may become at most ${BATCH_LIMITS.inflation} times as large`,
    CLOSE,
  );

type Decoder = Gunzip | BrotliDecompress | ZstdDecompress;

const decompress = (source: Readable, encoding: Exclude<BatchEncoding, "identity">): Decoder => {
  const decoder = DECODERS[encoding]();
  source.once("error", (error) => decoder.destroy(error));
  return source.pipe(decoder);
};

const DECODERS = {
  gzip: () => createGunzip(),
  br: () => createBrotliDecompress(),
  // RFC 9659 §3: as content coding its window has at most 8 MiB. Node's own limit is 128.
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } }),
} satisfies Record<string, () => Decoder>;

const inTime = async <Value>(next: Promise<Value>, ms: number, encoding: string): Promise<Value> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow()), ms);
  try {
    return await Promise.race([next, late.promise]);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("bad_request", reasonOf(error, encoding), { ...CLOSE, cause: error });
  } finally {
    clearTimeout(timer);
  }
};

const reasonOf = (error: unknown, encoding: string): string => {
  if (codeOf(error) === "ZSTD_error_frameParameter_windowTooLarge")
    return "The body's zstd window has more than 8 MiB";
  return isDecodingError(error) ? `The body is not valid ${encoding}` : "The body ended early";
};

const tooSlow = (): AppError =>
  new AppError("request_timeout", "The body stopped arriving, or took too long in all", CLOSE);

// Z_DATA_ERROR, ERR_BROTLI_…, ZSTD_error_…
const isDecodingError = (error: unknown): boolean =>
  /^(?:Z_|ERR_(?:_?BROTLI|ZLIB)|ERR_.*ZSTD|ZSTD_)/.test(codeOf(error) ?? "");
