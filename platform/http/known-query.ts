import type { RouteConfig } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { distance } from "fastest-levenshtein";
import { AppError } from "../errors/app-error.ts";
import type { FieldError } from "../errors/app-error.ts";
import { escapeToken } from "../errors/field-errors.ts";

/** Lets a request to a route on when its query names nothing but the route's own parameters, each once. */
export const onlyKnownQuery = (route: RouteConfig): MiddlewareHandler => {
  const known = parametersOf(route);
  return async (c, next) => {
    requireKnownQuery(known, c.req.raw.url);
    await next();
  };
};

/** The names of the parameters that a route takes in its query: the keys of its schema. */
export const parametersOf = ({ request }: RouteConfig): readonly string[] => {
  if (request?.query === undefined) return [];
  const { shape } = request.query as { shape?: Record<string, unknown> };
  if (shape === undefined) throw new Error("A query must be an object of parameters");
  return Object.keys(shape);
};

/**
 * A filter that is misspelt must not widen what is listed or replayed, nor one of two that contradict each other win.
 * @param url of the request, or its path and query
 * @throws AppError invalid_query, naming each parameter that is unknown or repeated
 */
export const requireKnownQuery = (known: readonly string[], url: string): void => {
  const at = url.indexOf("?");
  if (at === -1) return;
  const given = [...new URLSearchParams(url.slice(at)).keys()];
  const names = [...new Set(given)];
  const unknown = names.filter((name) => !known.includes(name)).slice(0, MOST_NAMED);
  if (unknown.length > 0) throw refusal("Unknown in the query", unknown, (name) => notTaken(name, known));
  const repeated = names.filter((name) => given.indexOf(name) !== given.lastIndexOf(name));
  if (repeated.length > 0) throw refusal("Repeated in the query", repeated, () => "must be given once");
};

// Enough to mend a call by; a client's own nonsense is not sent back at length.
const MOST_NAMED = 10;
const LONGEST_NAMED = 64;

const refusal = (what: string, names: string[], detailOf: (name: string) => string): AppError => {
  const errors: FieldError[] = names.map((name) => ({
    pointer: `/${escapeToken(shortened(name))}`,
    detail: detailOf(name),
  }));
  return new AppError("invalid_query", `${what}: ${names.map(shortened).join(", ")}`, { errors });
};

const shortened = (name: string): string =>
  name.length <= LONGEST_NAMED ? name : `${name.slice(0, LONGEST_NAMED)}…`;

const notTaken = (name: string, known: readonly string[]): string => {
  if (known.length === 0) return "is not taken here: this route takes no parameters in its query";
  const meant = closest(name, known);
  const taken = `this route takes ${known.join(", ")}`;
  return meant === undefined ? `is not taken here: ${taken}` : `is not taken here, ${meant} is: ${taken}`;
};

/** The parameter that may have been meant: `user` for `userId`, `pageSize` for `page_size`, `stauts` for `status`. */
const closest = (name: string, known: readonly string[]): string | undefined => {
  if (name.length > LONGEST_NAMED) return undefined;
  const candidates = known.map((parameter) => {
    const [a, b] = [plain(name), plain(parameter)];
    return { parameter, off: distance(a, b) / Math.max(a.length, b.length) };
  });
  const best = candidates.toSorted((one, other) => one.off - other.off)[0];
  return best !== undefined && best.off <= MOST_OFF ? best.parameter : undefined;
};

// A third of the letters.
const MOST_OFF = 1 / 3;

const plain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");
