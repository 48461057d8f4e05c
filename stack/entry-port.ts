import { codeOf } from "../platform/errors/code-of.ts";
import { messageOf } from "../platform/errors/message-of.ts";
import { reserveFreePort, reservePort, type Reservation } from "./process/free-port.ts";

/** Holds the port that nginx will listen on; 0 is any free one. @throws Error that names the port and the way out */
export const reserveEntryPort = async (port: number): Promise<Reservation> => {
  if (port === 0) return reserveFreePort();
  try {
    return await reservePort(port);
  } catch (error) {
    const code = codeOf(error);
    const message = messageOf(error);
    const choice = "or choose another port: ECS_PORT=9998 npm start";
    if (code === "EADDRINUSE") {
      throw new Error(`port ${port} is taken by another program; stop it, ${choice}`, { cause: error });
    }
    if (code === "EACCES")
      throw new Error(`port ${port} may not be used by this account; ${choice}`, { cause: error });
    throw new Error(`port ${port} cannot be used (${message}); ${choice}`, { cause: error });
  }
};
