# Keeps a PostgreSQL of its own, in a new folder, until its standard input ends: then whoever wanted it is gone, however it went.
# shellcheck shell=sh
# Argument: the folder in which the new one is made. Prints the new folder, which has the socket, once the server answers.
set -eu
umask 077
cd "$1"

programs=
found=$(command -v initdb || true)
for initdb in "$found" /usr/lib/postgresql/[1-9][0-9]/bin/initdb /usr/pgsql-[1-9][0-9]/bin/initdb \
  /opt/homebrew/opt/postgresql*/bin/initdb /usr/local/opt/postgresql*/bin/initdb \
  /Applications/Postgres.app/Contents/Versions/latest/bin/initdb; do
  if [ -x "$initdb" ] && [ -x "${initdb%/*}/pg_ctl" ]; then
    programs=${initdb%/*}
    [ "$initdb" != "$found" ] || break
  fi
done
if [ -z "$programs" ]; then
  echo "no \`initdb\` with a \`pg_ctl\` beside it is in PATH or where PostgreSQL is usually installed" >&2
  exit 1
fi

folder=$(mktemp -d "$1/supaform-postgres.XXXXXX")
finish() {
  trap - EXIT
  if [ -f "$folder/data/postmaster.pid" ]; then
    "$programs/pg_ctl" stop --pgdata "$folder/data" --mode immediate --silent >/dev/null 2>&1 || true
  fi
  rm -rf "$folder"
}
trap finish EXIT
trap '' HUP INT PIPE QUIT TERM

# Nothing of the environment reaches the server: it may have tokens.
attempt() {
  env -i PATH="$PATH" HOME="$folder" LC_ALL=C "$@" >>"$folder/said" 2>&1 && return
  tail -n 5 "$folder/said" >&2
  exit 1
}
attempt "$programs/initdb" --pgdata "$folder/data" --username supabase_admin --auth trust --encoding UTF8 --locale C --no-sync
cat >>"$folder/data/postgresql.conf" <<END
listen_addresses = ''
unix_socket_directories = '$folder'
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 16MB
wal_level = logical
timezone = 'UTC'
END
attempt "$programs/pg_ctl" start --pgdata "$folder/data" --log "$folder/log" --wait --timeout 60 --silent
echo "$folder"
cat >/dev/null
