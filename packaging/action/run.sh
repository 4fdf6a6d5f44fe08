#!/usr/bin/env bash
# A command, and what is told of it. Inputs come in variables and stay data: no text of theirs is ever run.
set -uo pipefail
root=() key=() approval=() arguments=() only=() check=()
if [ -n "${INPUT_ROOT:-}" ]; then root=(--root "$INPUT_ROOT"); fi
if [ -n "${INPUT_KEY:-}" ]; then key=(--key "$INPUT_KEY"); fi
if [ "${INPUT_CHECK:-false}" = true ]; then check=(--check); fi
if [ -n "${INPUT_APPROVED_BY:-}" ]; then approval=(--approved-by "$INPUT_APPROVED_BY" ${key[@]+"${key[@]}"}); fi
while IFS= read -r argument; do
  if [ -n "$argument" ]; then arguments+=("$argument"); fi
done <<< "${INPUT_ARGS:-}"
command=${INPUT_COMMAND:?}
place=${RUNNER_TEMP:?}
# What it came to: for programs, for people who read the log, and as a page.
record=$place/supaform.json text=$place/supaform.txt page=$place/supaform.html
rm -f "$record" "$text" "$page"
supaform() { command supaform "$@" ${root[@]+"${root[@]}"}; }
run() { supaform "$command" "$@" ${arguments[@]+"${arguments[@]}"}; }
output() { echo "$1=$2" >> "${GITHUB_OUTPUT:-/dev/null}"; }

code=0
case "$command" in
  plan) run --out "$record" || code=$? ;;
  apply) run --yes --format json ${approval[@]+"${approval[@]}"} > "$record" || code=$? ;;
  drift) run --format json > "$record" || code=$? ;;
  validate)
    run > "$text" || code=$?
    # Findings went to the log; they are wanted at their lines, too.
    if [ "$code" != 0 ]; then run --format json > "$record"; fi
    ;;
  *) run > "$text" || code=$? ;;
esac
case "$command" in
  apply | drift) if [ -s "$record" ]; then supaform show "$record"; fi ;;
  *) if [ -s "$text" ]; then cat "$text"; fi ;;
esac
# Live and manifests are no request's: what is told of them stays in the job.
case "$command" in
  plan | apply) ;;
  *) only=(--only "annotations,summary,outputs") ;;
esac
if [ "${INPUT_COMMENT:-true}" != true ]; then only=(--only outputs) check=(); fi

if [ -s "$record" ]; then
  if supaform show "$record" --format html > "$page"; then output report "$page"; fi
  # A failure to tell is a failure, but never hides that of the command.
  supaform comment "$record" ${key[@]+"${key[@]}"} ${only[@]+"${only[@]}"} ${check[@]+"${check[@]}"} || { told=$?; if [ "$code" = 0 ]; then code=$told; fi; }
else
  touch "$text"
  line=$(grep -v '^ *$' "$text" | tail -n 1 | tr -d '\r')
  output changes "$([ "$code" = 2 ] && echo true || echo false)"
  output refused "$([ "$code" = 0 ] || [ "$code" = 2 ] && echo false || echo true)"
  output summary "${line:-$command ended with $code}"
  if [ "${INPUT_COMMENT:-true}" = true ] && [ -s "$text" ]; then
    # Between these tags nothing is Markdown, and without the two characters nothing is a tag.
    { echo "<pre>"; head -c 200000 "$text" | sed 's/&/\&amp;/g; s/</\&lt;/g'; echo "</pre>"; } >> "${GITHUB_STEP_SUMMARY:-/dev/null}"
  fi
fi
output exit "$code"
exit "$code"
