#!/bin/bash
# Exits with 0 when the process in this container says that it is ready. Bash alone, because the image has neither
# curl nor wget, and a Node process every few seconds for each container would cost more than the check is worth.
exec 3<>"/dev/tcp/127.0.0.1/${PORT:-8080}" || exit 1
printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r -t 2 _ status _ <&3
[ "$status" = 200 ]
