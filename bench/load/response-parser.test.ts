import { expect, test } from "vitest";
import { parseResponse } from "./response-parser.ts";

const parse = (text: string) => parseResponse(Buffer.from(text, "latin1"));

test("an answer with a length is complete with its last byte", () => {
  const head = "HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\n";
  expect(parse(`${head}hell`)).toEqual({ complete: false });
  expect(parse(`${head}hello`)).toEqual({ complete: true, status: 202, closes: false });
});

test("a chunked answer is complete with its last chunk", () => {
  const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect(parse(`${head}5\r\nhello\r\n`)).toEqual({ complete: false });
  expect(parse(`${head}5\r\nhello\r\n0\r\n\r\n`)).toEqual({ complete: true, status: 200, closes: false });
});

test("half a head is not an answer", () => {
  expect(parse("HTTP/1.1 202 Accepted\r\nContent-Le")).toEqual({ complete: false });
});

test("a server that says close is believed", () => {
  const answer = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
  expect(parse(answer)).toEqual({ complete: true, status: 503, closes: true });
});
