import type { IncomingMessage } from "node:http";
import { BlockList, isIPv6 } from "node:net";

const proxies = new BlockList();
for (const [network, prefix] of [
  ["127.0.0.0", 8],
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  proxies.addSubnet(network, prefix, "ipv4");
}
proxies.addAddress("::1", "ipv6");
proxies.addSubnet("fc00::", 7, "ipv6");

/**
 * The address to count a nameless client by. The balancer in front tells it, and is believed only from a loopback or
 * private address; whatever an earlier hop claimed, the balancer has replaced. An IPv6 client counts by its /64,
 * which is what one subscriber is given.
 */
export const clientAddress = ({ socket, headers }: IncomingMessage): string => {
  const peer = socket.remoteAddress ?? "unknown";
  const told = headers["x-real-ip"];
  const address = typeof told === "string" && told !== "" && isProxy(peer) ? told.trim() : peer;
  return isIPv6(address) ? networkOf(address) : address.slice(0, 64);
};

const isProxy = (address: string): boolean => proxies.check(address, isIPv6(address) ? "ipv6" : "ipv4");

const networkOf = (address: string): string => {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const [head = "", tail] = address.toLowerCase().split("%")[0]!.split("::");
  const groups = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - last.length;
  const all = [...groups, ...Array.from({ length: missing }, () => "0"), ...last];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
};
