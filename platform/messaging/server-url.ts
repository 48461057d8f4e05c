export type ServerAddresses = {
  servers: string[];
  token?: string;
  user?: string;
  pass?: string;
  tls?: Record<string, never>;
};

/**
 * Addresses and credentials out of `nats://[token@]host:port` or `nats://user:password@host:port`, one or more
 * separated by commas. The client library wants credentials apart; those of the first address count.
 */
export const parseServers = (text: string): ServerAddresses => {
  const urls = text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => new URL(part));
  const [first] = urls;
  if (!first) throw new Error("no broker address given");
  const user = decodeURIComponent(first.username);
  const pass = decodeURIComponent(first.password);
  return {
    servers: urls.map((url) => `${url.hostname}:${url.port || "4222"}`),
    ...(user && (pass ? { user, pass } : { token: user })),
    ...(urls.some((url) => url.protocol === "tls:") && { tls: {} }),
  };
};
