#!/usr/bin/env python3
"""Puts a binary into a wheel, which pip and pre-commit install without a build: supaform-VERSION-py3-none-PLATFORM.whl.

packaging/wheel.py VERSION TARGET BINARY FOLDER
"""

import base64
import hashlib
import pathlib
import sys
import zipfile

# A binary for musl is static, so it runs with the C library of any Linux.
PLATFORMS = {
    "x86_64-unknown-linux-musl": "manylinux2014_x86_64.musllinux_1_1_x86_64",
    "aarch64-unknown-linux-musl": "manylinux2014_aarch64.musllinux_1_1_aarch64",
    "x86_64-apple-darwin": "macosx_10_12_x86_64",
    "aarch64-apple-darwin": "macosx_11_0_arm64",
}
version, target, binary, folder = sys.argv[1].removeprefix("v"), sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
top = pathlib.Path(__file__).parent.parent
tags = "".join(f"Tag: py3-none-{platform}\n" for platform in PLATFORMS[target].split("."))
about = f"supaform-{version}.dist-info"
metadata = f"""Metadata-Version: 2.4
Name: supaform
Version: {version}
Summary: Declarative configuration for Supabase projects: plan and apply from YAML, through the Management API
License-Expression: MIT OR Apache-2.0
License-File: LICENSE-APACHE
License-File: LICENSE-MIT
Project-URL: Source, https://github.com/supaform/supaform
Description-Content-Type: text/markdown

"""
files = {
    f"supaform-{version}.data/scripts/supaform": pathlib.Path(binary).read_bytes(),
    f"{about}/METADATA": metadata.encode() + (top / "README.md").read_bytes(),
    f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: supaform\nRoot-Is-Purelib: false\n{tags}".encode(),
}
for licence in ("LICENSE-APACHE", "LICENSE-MIT"):
    files[f"{about}/licenses/{licence}"] = (top / licence).read_bytes()


def row(name, content):
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(content)}\n"


record = "".join(row(name, content) for name, content in files.items()) + f"{about}/RECORD,,\n"
files[f"{about}/RECORD"] = record.encode()
folder.mkdir(parents=True, exist_ok=True)
with zipfile.ZipFile(folder / f"supaform-{version}-py3-none-{PLATFORMS[target]}.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
    for name, content in files.items():
        # The same bytes for the same binary; what is a program may be run.
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
        wheel.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
