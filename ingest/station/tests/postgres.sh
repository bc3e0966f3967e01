#!/usr/bin/env bash
# Runs the tests of the station over PostgreSQL instead of SQLite: a cluster of its own in a temporary folder, gone
# afterwards. Usage: ingest/station/tests/postgres.sh [arguments of cargo test]
set -euo pipefail
cd "$(dirname "$0")/../../.."
bin=$(dirname "$(readlink -f "$(command -v postgres || ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null | tail -1)")" 2>/dev/null || true)
if [ ! -x "$bin/initdb" ]; then
  echo "NOT CHECKED: the station over PostgreSQL: there is no PostgreSQL on this machine" >&2
  exit 1
fi
# The server refuses to run as root.
as=()
if [ "$(id -u)" = 0 ]; then
  id postgres >/dev/null 2>&1 || { echo "NOT CHECKED: the station over PostgreSQL: there is no user to run it as" >&2; exit 1; }
  as=(runuser -u postgres --)
fi
folder=$(mktemp -d)
chmod 755 "$folder"
mkdir "$folder/data" "$folder/socket"
[ "$(id -u)" != 0 ] || chown -R postgres "$folder"
port=${SAMENHANG_TEST_POSTGRES_PORT:-54329}
stop() {
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop || true
  rm -rf "$folder"
}
"${as[@]}" "$bin/initdb" -D "$folder/data" -U station -A trust --no-sync >/dev/null
trap stop EXIT
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -s -w -l "$folder/log" \
  -o "-p $port -k $folder/socket -c listen_addresses=127.0.0.1 -c max_connections=300" start
export SAMENHANG_TEST_POSTGRES="postgres://station@127.0.0.1:$port/postgres"
cargo test -p samenhang-station --features postgres "$@"
