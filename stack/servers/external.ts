import { connect } from "node:net";

const ANSWER_WITHIN_MS = 5000;

/**
 * Sees whether somebody listens at a server that was given by its URL; a list of servers needs one that does.
 * @throws Error naming the variable
 */
export const requireListener = async (variable: string, urls: string, defaultPort: number): Promise<void> => {
  const addresses = urls.split(",").map((url) => new URL(url.trim()));
  const outcomes = await Promise.all(
    addresses.map((url) => listens(url.hostname, Number(url.port) || defaultPort)),
  );
  if (outcomes.includes(true)) return;
  const where = addresses.map((url) => url.host).join(", ");
  throw new Error(
    `${variable} is set, but nobody answers at ${where}: start that server, or unset ${variable}`,
  );
};

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ""), port });
    const end = (answer: boolean): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
