# One file for every image of the platform. `app` runs each Node process: the command names its main.ts.
# TypeScript runs as it is, so there is no build step.

FROM node:24.21.0-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The image brings Node itself, so the binaries pinned for bare machines go. `--omit=optional` would be wrong:
# argon2's native code is an optional dependency too.
RUN npm ci --omit=dev && rm -rf node_modules/node-linux-*

# Holds nothing but its configuration and a store that the unprivileged user owns: a new volume takes over both.
FROM nats:2.14.5-alpine AS nats
COPY deploy/nats /etc/nats/empathic-credit-system
RUN mkdir -p /data/jetstream && chown -R 1000:1000 /data
USER 1000:1000
ENTRYPOINT ["nats-server", "-c"]
CMD ["/etc/nats/empathic-credit-system/nats-server.conf"]

FROM nginx:1.30.4-trixie AS nginx
COPY nginx/parts /etc/nginx/parts
COPY nginx/nginx.conf nginx/start.sh /etc/nginx/
# A new volume that is mounted here takes over its owner.
RUN install -d -m 700 -o nginx -g nginx /var/spool/nginx
USER nginx
EXPOSE 9999
ENTRYPOINT ["sh", "/etc/nginx/start.sh"]
CMD []

FROM node:24.21.0-trixie-slim AS app
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY . .
USER node
EXPOSE 8080
# As stack/process/node-process.ts has it.
ENTRYPOINT ["node", "--max-semi-space-size=16"]
