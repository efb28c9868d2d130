#!/usr/bin/env bash
# The engine links no storage library: what crashes or hangs in one must not take the engine along.
set -euo pipefail
libraries=$(ldd "$1")
if grep -E 'librados|libradosstriper|librbd|libceph|libcurl' <<<"$libraries"; then
    echo "$1 links a storage library" >&2
    exit 1
fi
grep -q libQt6Core <<<"$libraries" || { echo "$1 is not the engine" >&2; exit 1; }
echo "no storage library in $1"
