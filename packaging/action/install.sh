#!/usr/bin/env bash
# Fetches a release, checks it against its checksums and its attestation, and puts it on the path of the steps that follow.
set -euo pipefail
# A commit, a branch or a moving tag names no release: which one the action is of stands beside it.
manifest=$(dirname "$0")/../../Cargo.toml
version=${INPUT_VERSION:-v$(sed -n 's/^version = "\(.*\)"$/\1/p' "$manifest" | head -n 1)}
repository=${ACTION_REPOSITORY:-supaform/supaform}
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  *) echo "::error::there is no release for $(uname -s) on $(uname -m)"; exit 1 ;;
esac
archive=supaform-$version-$target.tar.gz
releases=${SUPAFORM_RELEASES:-https://github.com/$repository/releases/download}
place=${RUNNER_TEMP:?}/supaform-$version
mkdir -p "$place"
cd "$place"
for file in "$archive" SHA256SUMS; do
  if ! curl --fail --silent --show-error --location --proto '=https,file' --retry 3 --output "$file" "$releases/$version/$file"; then
    echo "::error::$releases/$version has no $file; nothing was installed. Name a release with the input \`version\`"
    exit 1
  fi
done
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
echo "$place" >> "${GITHUB_PATH:?}"
"$place/supaform" --version
