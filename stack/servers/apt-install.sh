#!/bin/sh
# Installs Debian packages as root without letting them start daemons or make a main PostgreSQL cluster.
# Both settings are put back at the end, also when the installation fails or is interrupted.
set -eu

POLICY=/usr/sbin/policy-rc.d
KEPT=$POLICY.kept-by-ecs
MARK="# by the Empathic Credit System, for one installation"
CLUSTER_FOLDER=/etc/postgresql-common/createcluster.d
CLUSTER=$CLUSTER_FOLDER/ecs-no-main-cluster.conf

restore() {
  if [ -e "$KEPT" ]; then
    mv -f "$KEPT" "$POLICY"
  else
    rm -f "$POLICY"
  fi
  rm -f "$CLUSTER"
  rmdir "$CLUSTER_FOLDER" 2>/dev/null || true
}

hold_back() {
  # One that carries our mark was left by a run that was killed; the machine's own is already kept then.
  if [ -e "$POLICY" ] && ! grep -qF "$MARK" "$POLICY"; then
    mv "$POLICY" "$KEPT"
  fi
  trap restore EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" >"$POLICY"
  chmod 755 "$POLICY"
  mkdir -p "$CLUSTER_FOLDER"
  printf '%s\ncreate_main_cluster = false\n' "$MARK" >"$CLUSTER"
}

# apt itself waits for dpkg's lock, not for that of the lists.
update() {
  attempt=0
  until output=$(apt-get update -q 2>&1); do
    attempt=$((attempt + 1))
    printf '%s\n' "$output"
    case $output in *"/var/lib/apt/lists/lock"*) ;; *) return 1 ;; esac
    [ "$attempt" -lt 60 ] || return 1
    sleep 2
  done
}

lists_are_recent() {
  [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -7 2>/dev/null | head -n 1)" ]
}

install() {
  apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
}

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
mkdir -p /run/lock
exec 9>/run/lock/ecs-install.lock
flock 9
hold_back
if lists_are_recent && install "$@"; then
  exit 0
fi
update
install "$@"
