#!/usr/bin/env bash
# Makes the examples use a release: the action and GitLab's component by their commit, images by its name.
#   packaging/pin.sh VERSION [COMMIT]
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1
commit=$(git rev-parse --verify "${2:-$version}^{commit}")
find examples/ci -type f -exec sed -i.old \
  -e "s|uses: supaform/supaform@.*|uses: supaform/supaform@$commit # $version|" \
  -e "s|\(githubusercontent.com/supaform/supaform/\)[^/]*|\1$commit|" \
  -e "s|\(inputs: {version: \)[^}]*|\1$version|" \
  -e "s|supaform/ci/supaform@[0-9.]*[0-9]|supaform/ci/supaform@${version#v}|" \
  -e "s|supaform==[0-9.]*[0-9]|supaform==${version#v}|" \
  -e "s|\(ghcr.io/supaform/supaform:\)v[0-9.]*[0-9]|\1$version|" {} +
find examples/ci -name '*.old' -delete
