#!/usr/bin/env bash
# Writes the list of what the binary is made of, as CycloneDX: FOLDER/supaform.cdx.json.
#   packaging/sbom.sh FOLDER
set -euo pipefail
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
cargo cyclonedx --format json --describe binaries --override-filename supaform.cdx
mv supaform.cdx.json "$folder/supaform.cdx.json"
