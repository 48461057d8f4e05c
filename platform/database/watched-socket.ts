import { Socket } from "node:net";

/** Where the driver is to connect: hosts and their ports, in turn, or a socket's path. */
type Addresses = { host: string[]; port: number[]; path?: string | false | undefined };

/**
 * Makes the driver's connections, and ends each on which nothing has come or gone for so long. Whoever waits for an
 * answer hears of a lost connection then, and the next statement gets a new one. The driver has no limit of its own: a
 * server that is gone without a word, its machine dead or its address another's after a failover, would be waited for
 * until TCP gives up, which takes a quarter of an hour.
 * @param silenceMs longer than the server lets a statement take
 */
export const createWatchedSockets = (silenceMs: number): ((addresses: Addresses) => Socket) => {
  let turn = 0;
  return ({ host, port, path }) => {
    const at = turn++ % port.length;
    const socket = new Socket();
    socket.setTimeout(silenceMs, () => socket.destroy());
    if (path) return socket.connect(path);
    // With TLS the driver takes the certificate's name from here.
    return Object.assign(socket.connect(port[at]!, host[at]!), { host: host[at] });
  };
};
