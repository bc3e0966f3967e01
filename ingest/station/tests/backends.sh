#!/usr/bin/env bash
# Runs the tests of the station over other backends than SQLite and a folder. It starts throw-away servers on this
# machine, on loopback only, and stops them:
#   postgres   a PostgreSQL cluster in a temporary folder (needs the server's programs; see below)
#   s3         an S3-compatible server (moto, installed with pip under target/tools)
#   both       PostgreSQL and S3 together
# Usage: ingest/station/tests/backends.sh [--install] postgres|s3|both COMMAND...
#   for example: ingest/station/tests/backends.sh both cargo nextest run -p samenhang-station
# --install gets PostgreSQL with apt-get when it is absent. Ends with status 77 and one line NOT CHECKED when a server
# cannot be had; otherwise with the status of COMMAND.
set -euo pipefail
root=$(cd "$(dirname "$0")/../../.." && pwd)
install=0
[ "${1:-}" = --install ] && { install=1; shift; }
which=${1:-}
case "$which" in postgres | s3 | both) shift ;; *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;; esac
[ $# -gt 0 ] || { echo "give a command to run" >&2; exit 2; }

folder=$(mktemp -d)
chmod 755 "$folder"
mkdir "$folder/log"
as=()
bin=
moto=
stop() {
  [ -z "$bin" ] || "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop >/dev/null 2>&1 || true
  [ -z "$moto" ] || { kill "$moto" && wait "$moto"; } >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
absent() { echo "NOT CHECKED: the station over $1: $2"; exit 77; }
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

programs() { command -v initdb 2>/dev/null || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -1; }
start_postgres() {
  if [ -z "$(programs)" ] && [ "$install" = 1 ] && command -v apt-get >/dev/null 2>&1; then
    # Debian makes and starts a cluster of its own unless it is told not to; nothing here needs it.
    sudo=(); [ "$(id -u)" = 0 ] || sudo=(sudo -n)
    "${sudo[@]}" mkdir -p /etc/postgresql-common 2>/dev/null &&
      echo 'create_main_cluster = false' | "${sudo[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null || true
    { "${sudo[@]}" apt-get update -qq && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
      --no-install-recommends postgresql; } >"$folder/log/apt" 2>&1 || tail -3 "$folder/log/apt" >&2
  fi
  local initdb
  initdb=$(programs)
  [ -n "$initdb" ] || absent PostgreSQL "there is no PostgreSQL on this machine, and it could not be installed"
  # The server refuses to run as root.
  if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || absent PostgreSQL "there is no user postgres to run it as"
    as=(runuser -u postgres --)
    mkdir "$folder/data" "$folder/socket"
    chown postgres "$folder/data" "$folder/socket" "$folder/log"
  else
    mkdir "$folder/data" "$folder/socket"
  fi
  local port
  port=$(free_port)
  "${as[@]}" "$(dirname "$initdb")/initdb" -D "$folder/data" -U station -A trust --no-sync >/dev/null
  bin=$(dirname "$initdb")
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -s -w -l "$folder/log/postgres" \
    -o "-p $port -k $folder/socket -c listen_addresses=127.0.0.1 -c max_connections=300" start
  export PATH="$bin:$PATH"
  export SAMENHANG_TEST_POSTGRES="postgres://station@127.0.0.1:$port/postgres"
}

start_s3() {
  local venv=$root/target/tools/moto
  if [ ! -x "$venv/bin/moto_server" ]; then
    { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet 'moto[s3]==5.2.5' flask flask-cors; } \
      >"$folder/log/pip" 2>&1 || { tail -3 "$folder/log/pip" >&2; rm -rf "$venv"; }
  fi
  [ -x "$venv/bin/moto_server" ] || absent S3 "the server for it (moto, from PyPI) could not be installed"
  local port
  port=$(free_port)
  "$venv/bin/moto_server" -H 127.0.0.1 -p "$port" >"$folder/log/moto" 2>&1 &
  moto=$!
  # Not through a proxy: it is this machine.
  export NO_PROXY="127.0.0.1,localhost${NO_PROXY:+,$NO_PROXY}" no_proxy="127.0.0.1,localhost${no_proxy:+,$no_proxy}"
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  for _ in $(seq 100); do
    if "$venv/bin/python" - "http://127.0.0.1:$port" <<'PY' 2>/dev/null
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
opener.open(urllib.request.Request(sys.argv[1] + "/station", method="PUT"), timeout=2)
PY
    then
      export SAMENHANG_TEST_S3="http://127.0.0.1:$port"
      return
    fi
    sleep 0.2
  done
  tail -3 "$folder/log/moto" >&2
  absent S3 "the server for it did not start"
}

[ "$which" = s3 ] || start_postgres
[ "$which" = postgres ] || start_s3
cd "$root"
status=0
"$@" || status=$?
exit $status
