# shellcheck shell=bash
# For the scripts that run the Supabase CLI against a served sandbox: `serve`, then `supabase`. Sourced with their arguments.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck disable=SC2034 # the scripts use it
root=$PWD
supaform=$PWD/${1:-target/release/supaform} cli=$PWD/target/supabase-cli
# shellcheck source=.ci/install.sh
. .ci/install.sh
npm_install "$cli" supabase@3.1.0

work=$(mktemp -d)
started=()
finish() {
  [ ${#started[@]} = 0 ] || kill "${started[@]}" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT
export SUPABASE_ACCESS_TOKEN=sbp_0000000000000000000000000000000000000000 SUPABASE_PROFILE=$work/sandbox.yaml HOME=$work/home DO_NOT_TRACK=1
mkdir "$HOME" "$work/acme"
cd "$work/acme"
echo "version: 1" >supaform.yaml

# Serves a sandbox whose time goes fast, at `$url`; the CLI knows it by its profile.
serve() {
  # The address of the one before must not be taken for the new one's.
  rm -f "$work/address"
  "$supaform" sandbox --listen 127.0.0.1:0 --rate-limit 0 "$@" >"$work/address" &
  started+=($!)
  until [ -s "$work/address" ]; do sleep 0.1; done
  url=$(head -n 1 "$work/address")
  printf 'name: sandbox\napi_url: %s\ndashboard_url: %s\nproject_host: localhost\n' "$url" "$url" >"$SUPABASE_PROFILE"
}

# The project that commands are about; none once the folder is linked to one.
remote=(--remote=quickstartquickstart)
supabase() { "$cli/node_modules/.bin/supabase" "$@" "${remote[@]}" --yes </dev/null >"$work/log" 2>&1; }

fail() {
  cat "$work/log"
  echo "$1" >&2
  exit 1
}

# The CLI succeeds.
does() { supabase "$@" || fail "failed: supabase $*"; }

# The CLI fails, and says why.
refuses() {
  local why=$1
  shift
  if supabase "$@"; then fail "did not fail: supabase $*"; fi
  grep -qF "$why" "$work/log" || fail "not refused with \`$why\`: supabase $*"
}

# The CLI prints a text, or does not.
tells() { grep -qF "$1" "$work/log" || fail "not told: $1"; }
is_silent_of() { ! grep -qF "$1" "$work/log" || fail "told: $1"; }

# The manifest from the standard input is what there is.
agrees() {
  cat >projects.yaml
  "$supaform" plan --api-url "$url" --exit-code --brief >"$work/log" 2>&1 || fail "the plan is not empty"
}

# The manifest from the standard input is applied.
applies() {
  cat >projects.yaml
  "$supaform" apply --api-url "$url" --yes "$@" >"$work/log" 2>&1 || fail "not applied"
}
