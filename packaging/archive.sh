#!/usr/bin/env bash
# Builds the release binary for a target and packs it: supaform-VERSION-TARGET.tar.gz.
#   packaging/archive.sh TARGET VERSION FOLDER
set -euo pipefail
target=$1 version=$2 folder=$3
cd "$(dirname "$0")/.."
mkdir -p "$folder"
# The same bytes for the same commit, wherever it is built.
flags=(--remap-path-prefix="$PWD=." --remap-path-prefix="${CARGO_HOME:-$HOME/.cargo}=cargo")
# A panic ends the process: nothing is unwound, and needs no tables for it.
flags+=(-C force-unwind-tables=no)
if [[ $target == *-linux-* ]]; then
  # Rust's own linker: functions of the same code are there once, and the list of addresses to correct at the start is packed,
  # as musl, and glibc since 2.36, can read it.
  host=$(rustc -vV | sed -n 's/^host: //p')
  flags+=(-C link-arg=-fuse-ld=lld -C "link-arg=-B$(rustc --print sysroot)/lib/rustlib/$host/bin/gcc-ld")
  flags+=(-C "link-arg=-Wl,--icf=all" -C "link-arg=-Wl,-z,pack-relative-relocs")
fi
printf -v CARGO_ENCODED_RUSTFLAGS '%s\x1f' "${flags[@]}"
export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'}
# One unit of code for each crate: smaller, and a little faster, for a minute more of one processor.
export CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
cargo build --release --locked --target "$target"
# What is linked unusually is started once before it is packed.
"target/$target/release/supaform" --version
name="supaform-$version-$target"
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/$name"
cp "target/$target/release/supaform" README.md CHANGELOG.md LICENSE-APACHE LICENSE-MIT "$stage/$name/"
if tar --version 2>/dev/null | grep -q GNU; then
  when=$(git log -1 --format=%ct)
  tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$when" -cf - "$name" | gzip -n > "$folder/$name.tar.gz"
else
  tar -C "$stage" -czf "$folder/$name.tar.gz" "$name"
fi
