#!/bin/sh
# Writes .env with a fresh secret for everything that docker-compose.yaml asks for: sh deploy/make-env.sh
set -eu
cd "$(dirname "$0")/.."
if [ -e .env ]; then
  echo ".env is there already and stays as it is: the data volumes know the passwords in it." >&2
  exit 1
fi

secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

umask 077
for name in JWT_SECRET INTERNAL_KEY GATEWAY_KEY POSTGRES_PASSWORD DATABASE_PASSWORD NATS_TOKEN REDIS_PASSWORD; do
  echo "$name=$(secret)"
done >.env.new
mv .env.new .env
echo "Wrote .env. Start the platform with: docker compose up --build"
