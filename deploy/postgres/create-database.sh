#!/bin/sh
# Run once, when the volume is empty: the platform's own database, owned by a role that is not a superuser.
set -eu
psql -v ON_ERROR_STOP=1 -U postgres -d postgres <<'SQL'
\getenv password DATABASE_PASSWORD
create role ecs login password :'password';
create database ecs owner ecs;
revoke connect on database ecs from public;
SQL
