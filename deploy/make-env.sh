#!/bin/sh
# Writes .env with a fresh secret for everything that docker-compose.yaml asks for: sh deploy/make-env.sh
# With --cluster also what makes three brokers keep three copies of each stream.
set -eu
cd "$(dirname "$0")/.."
case "${1:-}" in
  "" | --cluster) ;;
  *)
    echo "usage: sh deploy/make-env.sh [--cluster]" >&2
    exit 2
    ;;
esac
if [ -e .env ]; then
  echo ".env is there already and stays as it is: the data volumes know the passwords in it." >&2
  exit 1
fi

secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

umask 077
{
  for name in JWT_SECRET INTERNAL_KEY GATEWAY_KEY LEDGER_CHAIN_KEY POSTGRES_PASSWORD DATABASE_PASSWORD NATS_TOKEN REDIS_PASSWORD; do
    echo "$name=$(secret)"
  done
  if [ "${1:-}" = --cluster ]; then
    echo "COMPOSE_PROFILES=cluster"
    echo "NATS_CONFIG=nats-cluster"
    echo "NATS_OTHERS=,nats://nats-2:4222,nats://nats-3:4222"
    echo "STREAM_REPLICAS=3"
  fi
} >.env.new
mv .env.new .env
echo "Wrote .env. Start the platform with: docker compose up --build"
