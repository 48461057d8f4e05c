import { emotionSocket } from "../../contracts/http/emotion-socket.ts";
import { AppError } from "../../platform/errors/app-error.ts";
import type { App } from "../../platform/http/create-app.ts";

/** What a request on the WebSocket's path hears that does not ask for one (RFC 9110 §15.5.22). */
export const registerUpgradeRequired = (app: App): void => {
  app.get(emotionSocket.path, () => {
    throw new AppError("upgrade_required", "Connect to this path with a WebSocket client", {
      headers: { upgrade: "websocket" },
    });
  });
};
