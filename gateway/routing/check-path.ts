import { AppError } from "../../platform/errors/app-error.ts";
import type { FieldError } from "../../platform/errors/app-error.ts";
import { fieldErrors } from "../../platform/errors/field-errors.ts";
import type { GatewayRoute } from "./gateway-route.ts";

/**
 * Whether what stands in a path is what its route takes there.
 * @param path with the query, as the client escaped it
 * @throws AppError invalid_path, naming each parameter that is malformed
 */
export const checkPath = (
  { definition }: GatewayRoute,
  params: Record<string, string>,
  path: string,
): void => {
  const schema = definition.request?.params;
  if (!schema) return;
  if (path.includes("%")) requireUtf8(definition.path, path);
  const result = schema.safeParse(params);
  if (!result.success) throw malformed(fieldErrors(result.error));
};

// What is no UTF-8 would stay as it is escaped, and so be the same id as the one whose own letters are the escape's.
const requireUtf8 = (template: string, path: string): void => {
  const names = template.split("/");
  const bad = path
    .split("?", 1)[0]!
    .split("/")
    .flatMap((segment, index) => (isUtf8(segment) ? [] : [names[index]?.replaceAll(/[{}]/g, "") ?? ""]));
  if (bad.length > 0)
    throw malformed(
      bad.map((name) => ({ pointer: `/${name}`, detail: "must be UTF-8 where it is escaped" })),
    );
};

const isUtf8 = (segment: string): boolean => {
  try {
    decodeURIComponent(segment);
    return true;
  } catch {
    return false;
  }
};

const malformed = (errors: FieldError[]): AppError => {
  const names = errors.map(({ pointer }) => pointer.slice(1)).join(", ");
  return new AppError("invalid_path", `Malformed in the path: ${names}`, { errors });
};
