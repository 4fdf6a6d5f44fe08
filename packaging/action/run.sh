#!/usr/bin/env bash
# A command, and what is told of it. Inputs come in variables and stay data: no text of theirs is ever run.
set -uo pipefail
arguments=()
while IFS= read -r argument; do
  if [ -n "$argument" ]; then arguments+=("$argument"); fi
done <<< "${INPUT_ARGS:-}"
command=${INPUT_COMMAND:?}
file=${RUNNER_TEMP:?}/supaform-$command.json
rm -f "$file"
code=0
case "$command" in
  plan) supaform plan --out "$file" ${arguments[@]+"${arguments[@]}"} || code=$? ;;
  apply)
    supaform apply --yes --format json ${arguments[@]+"${arguments[@]}"} > "$file" || code=$?
    supaform show "$file"
    ;;
  drift | validate) supaform "$command" ${arguments[@]+"${arguments[@]}"} || code=$? ;;
  *) echo "::error::there is no command \`$command\` here; it is plan, apply, drift or validate"; exit 3 ;;
esac
if [ "${INPUT_COMMENT:-true}" = true ] && [ -s "$file" ]; then
  key=()
  if [ -n "${INPUT_KEY:-}" ]; then key=(--key "$INPUT_KEY"); fi
  # A failure to tell is a failure, but never hides that of the command.
  supaform comment "$file" ${key[@]+"${key[@]}"} || { told=$?; if [ "$code" = 0 ]; then code=$told; fi; }
fi
exit "$code"
