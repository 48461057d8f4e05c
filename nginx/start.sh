#!/bin/sh
# The container's entry. From 1.27.3 on nginx itself follows a name behind which gateways come and go (`resolve`).
# An older one looks names up only when it reads its configuration: there the name is watched, and a change of its
# addresses makes nginx read again.
set -eu
config=/etc/nginx/nginx.conf

main() {
  # What was under way when an nginx before this one was killed.
  rm -rf /var/spool/nginx/*
  if ! knows_resolve; then
    sed 's/ resolve / /' "$config" >/tmp/nginx.conf
    config=/tmp/nginx.conf
    follow_gateways &
  fi
  exec nginx -c "$config" -g 'daemon off;'
}

knows_resolve() {
  version=$(nginx -v 2>&1 | sed 's|.*nginx/\([0-9.]*\).*|\1|')
  [ "$(printf '%s\n' 1.27.3 "$version" | sort -V | head -n 1)" = 1.27.3 ]
}

follow_gateways() {
  known=$(addresses)
  while sleep 5; do
    now=$(addresses)
    if [ -n "$now" ] && [ "$now" != "$known" ] && nginx -q -c "$config" -s reload; then known=$now; fi
  done
}

addresses() { getent ahostsv4 gateway | cut -d ' ' -f 1 | sort -u; }

main
