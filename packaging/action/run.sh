#!/usr/bin/env bash
# A command, and what is told of it. Inputs come in variables and stay data: no text of theirs is ever run.
set -uo pipefail
root=() key=() approval=() arguments=()
if [ -n "${INPUT_ROOT:-}" ]; then root=(--root "$INPUT_ROOT"); fi
if [ -n "${INPUT_KEY:-}" ]; then key=(--key "$INPUT_KEY"); fi
if [ -n "${INPUT_APPROVED_BY:-}" ]; then approval=(--approved-by "$INPUT_APPROVED_BY" ${key[@]+"${key[@]}"}); fi
while IFS= read -r argument; do
  if [ -n "$argument" ]; then arguments+=("$argument"); fi
done <<< "${INPUT_ARGS:-}"
supaform() { command supaform "$@" ${root[@]+"${root[@]}"}; }
command=${INPUT_COMMAND:?}
file=${RUNNER_TEMP:?}/supaform-$command.json
rm -f "$file"
code=0
case "$command" in
  plan) supaform plan --out "$file" ${arguments[@]+"${arguments[@]}"} || code=$? ;;
  apply)
    supaform apply --yes --format json ${approval[@]+"${approval[@]}"} ${arguments[@]+"${arguments[@]}"} > "$file" || code=$?
    supaform show "$file"
    ;;
  drift | validate) supaform "$command" ${arguments[@]+"${arguments[@]}"} || code=$? ;;
  *) echo "::error::there is no command \`$command\` here; it is plan, apply, drift or validate"; exit 3 ;;
esac
if [ "${INPUT_COMMENT:-true}" = true ] && [ -s "$file" ]; then
  # A failure to tell is a failure, but never hides that of the command.
  supaform comment "$file" ${key[@]+"${key[@]}"} || { told=$?; if [ "$code" = 0 ]; then code=$told; fi; }
fi
exit "$code"
