# shellcheck shell=bash
# For the scripts that check with programs from elsewhere. Sourced. What cannot be fetched is skipped, and said, only where nobody
# answers: where the registry does, a check that does not run is a fault.

# unchecked WHAT ASK...: what to do when something could not be fetched; ASK is a command that succeeds where its source answers.
unchecked() {
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    echo "$what could not be fetched, and its source answers" >&2
    exit 1
  fi
  echo "NOT CHECKED: $what could not be fetched; nobody answers" >&2
  mkdir -p target
  echo "$what" >>"${NOT_CHECKED:-target/not-checked}"
}

# npm_install FOLDER PACKAGE...: ends the script where the registry cannot be reached.
npm_install() {
  local folder=$1
  shift
  npm install --silent --no-audit --no-fund --prefix "$folder" "$@" && return
  unchecked "$*" npm view --fetch-retries=1 --fetch-timeout=20000 npm version
  exit 0
}
