#!/usr/bin/env bash
# Builds the image for both kinds of machine from packed binaries, and pushes it when there is a token.
#   packaging/image.sh VERSION FOLDER NAME
set -euo pipefail
version=$1 folder=$2 name=${3,,}
cd "$(dirname "$0")/.."
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
for machine in amd64:x86_64 arm64:aarch64; do
  mkdir -p "$stage/${machine%%:*}"
  tar -xzf "$folder/supaform-$version-${machine##*:}-unknown-linux-musl.tar.gz" -C "$stage/${machine%%:*}" --strip-components=1
done
output=(--output type=cacheonly)
if [ -n "${GITHUB_TOKEN:-}" ]; then
  docker login ghcr.io --username "${GITHUB_ACTOR:?}" --password-stdin <<< "$GITHUB_TOKEN"
  output=(--push --provenance=mode=max --sbom=true)
fi
docker buildx create --use --name supaform-release >/dev/null
docker buildx build --platform linux/amd64,linux/arm64 --file packaging/release.Dockerfile \
  --tag "$name:$version" "${output[@]}" "$stage"
