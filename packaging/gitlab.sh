#!/usr/bin/env bash
# Lays out the project of the component for GitLab's catalog, for a release: its contents are pushed there, and tagged.
#   packaging/gitlab.sh VERSION FOLDER
set -euo pipefail
version=${1#v} folder=$2
cd "$(dirname "$0")/.."
mkdir -p "$folder"
cp -R packaging/gitlab/. LICENSE-APACHE LICENSE-MIT "$folder"
template=$folder/templates/supaform/template.yml
sed -i.old "s/version: {default: v[0-9.]*,/version: {default: v$version,/" "$template"
sed -i.old "s/@[0-9]*\.[0-9]*\.[0-9]*\$/@$version/" "$folder/README.md"
rm "$template.old" "$folder/README.md.old"
grep -q "default: v$version," "$template" && grep -q "@$version\$" "$folder/README.md"
