#!/usr/bin/env bash
# Puts supaform on the path of the steps that follow: a release, checked against its checksums and its attestation. Where the
# action is of a version that is not released yet, it is built from the action's own sources.
set -euo pipefail
sources=$(cd "$(dirname "$0")/../.." && pwd)
# A commit, a branch or a moving tag names no release: which one the action is of stands in its own manifest.
of_manifest() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" "$sources/Cargo.toml" | head -n 1; }
version=${INPUT_VERSION:-v$(of_manifest version)}
repository=${ACTION_REPOSITORY:-supaform/supaform}
place=${RUNNER_TEMP:?}/supaform-$version
mkdir -p "$place"
cd "$place"

# Ends with a status of HTTP, so that "there is none" is told apart from "it could not be fetched".
fetch() {
  curl --fail --silent --show-error --location --proto '=https,file' --retry 3 --output "$1" --write-out '%{http_code}' "$releases/$version/$1"
}
installed() {
  echo "$1" >> "${GITHUB_PATH:?}"
  "$1/supaform" --version
}
releases=${SUPAFORM_RELEASES:-https://github.com/$repository/releases/download}
why=0
status=$(fetch SHA256SUMS) || why=$?
if [ -z "${INPUT_VERSION:-}" ] && { [ "$status" = 404 ] || [ "$why" = 37 ]; }; then
  rust=$(of_manifest rust-version)
  if ! command -v cargo >/dev/null; then
    echo "::error::$version is not released yet, and there is no cargo to build it with. Install Rust $rust, or name a release with the input \`version\`"
    exit 1
  fi
  echo "::notice::$version is not released yet, so it is built from the action's sources, which takes minutes. A release is fetched: pin the action to one"
  CARGO_TARGET_DIR=$place/target RUSTUP_TOOLCHAIN=$rust cargo install --locked --quiet --path "$sources" --root "$place"
  installed "$place/bin"
  exit
fi
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  *) echo "::error::there is no release for $(uname -s) on $(uname -m)"; exit 1 ;;
esac
archive=supaform-$version-$target.tar.gz
if [ "$why" != 0 ] || ! fetch "$archive" >/dev/null; then
  echo "::error::$releases/$version has no $archive with its checksum, or it could not be fetched; nothing was installed. Name a release with the input \`version\`"
  exit 1
fi
if ! grep " $archive\$" SHA256SUMS | { sha256sum --check --strict --quiet 2>/dev/null || shasum -a 256 --check --strict --quiet; }; then
  echo "::error::$archive is not what its checksum says; nothing was installed"
  rm -f "$archive"
  exit 1
fi
if command -v gh >/dev/null; then
  gh attestation verify "$archive" --repo "$repository" >/dev/null
else
  echo "::notice::gh is not there, so the attestation of $archive was not verified"
fi
tar -xzf "$archive" --strip-components=1
installed "$place"
