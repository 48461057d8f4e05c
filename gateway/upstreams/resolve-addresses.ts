import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** All addresses that a host name stands for. */
export type Lookup = (hostname: string) => Promise<string[]>;

/** By the system's resolver, which knows container names and /etc/hosts. */
export const systemLookup: Lookup = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address);

/**
 * Base URLs with every name replaced by its addresses: one URL an address. TLS keeps the name, because certificates
 * do. A name that cannot be looked up yields undefined.
 */
export const resolveAddresses = async (urls: string[], lookUp: Lookup): Promise<string[] | undefined> => {
  try {
    const resolved = await Promise.all(urls.map((url) => addressesOf(new URL(url), lookUp)));
    return [...new Set(resolved.flat())].toSorted();
  } catch {
    return undefined;
  }
};

const addressesOf = async (url: URL, lookUp: Lookup): Promise<string[]> => {
  const literal = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (isIP(literal) || url.protocol === "https:") return [url.origin];
  const addresses = await lookUp(url.hostname);
  return addresses.map((address) => withHost(url, address));
};

const withHost = (url: URL, address: string): string =>
  `${url.protocol}//${isIP(address) === 6 ? `[${address}]` : address}${url.port ? `:${url.port}` : ""}`;
