import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export type NginxOptions = {
  /** Where clients come in. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Every gateway, as `host:port`, or as a base URL. */
  readonly gateways: readonly string[];
  /** A folder that nginx's account may write to, for its pid, temporary files and logs. */
  readonly folder: string;
  /** The account of the workers, as nginx writes it (`name` or `name group`); only where nginx is started as root. */
  readonly user?: string;
  /** Defaults to `access.log` in the folder; `off` for none. */
  readonly accessLog?: string;
};

/**
 * A whole configuration for one machine, in one text, so that nginx's account need not reach our own folders.
 * It runs in the foreground; start it with `nginx -c <file> -p <folder> -e stderr`.
 */
export const renderNginxConfig = (options: NginxOptions): string => {
  const { listen, gateways, folder, user, accessLog = join(folder, "access.log") } = options;
  if (gateways.length === 0) throw new Error("nginx needs at least one gateway");
  return `# Written by nginx/render.ts.
daemon off;
${user ? `user ${user};\n` : ""}worker_processes auto;
worker_rlimit_nofile 16384;
pid ${quote(join(folder, "nginx.pid"))};
error_log stderr warn;

events {
  worker_connections 8192;
  multi_accept on;
}

http {
${part("http.conf")}
  access_log ${accessLog === "off" ? "off" : `${quote(accessLog)} json buffer=64k flush=1s`};
${temporaryPaths(folder)}

  upstream gateway {
    zone gateway 256k;
    least_conn;
${gateways.map((gateway) => `    server ${hostAndPort(gateway)} max_fails=1 fail_timeout=2s;`).join("\n")}
    keepalive 128;
    keepalive_requests 100000;
    keepalive_timeout 60s;
  }

  server {
    listen ${listen.host}:${listen.port} backlog=4096;
${part("server.conf")}
${part("problems.conf")}
  }
}
`;
};

const part = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`parts/${name}`, import.meta.url)), "utf8").trimEnd();

const temporaryPaths = (folder: string): string =>
  [
    ["client_body_temp_path", "client-body"],
    ["proxy_temp_path", "proxy"],
    ["fastcgi_temp_path", "fastcgi"],
    ["uwsgi_temp_path", "uwsgi"],
    ["scgi_temp_path", "scgi"],
  ]
    .map(([directive, name]) => `  ${directive} ${quote(join(folder, name!))};`)
    .join("\n");

const hostAndPort = (gateway: string): string =>
  gateway.startsWith("http://") ? new URL(gateway).host : gateway;

// A path may hold spaces; what would end the string or name a variable is refused rather than guessed at.
const quote = (path: string): string => {
  if (/["$\\\n]/.test(path)) throw new Error(`nginx cannot take this path: ${path}`);
  return `"${path}"`;
};
