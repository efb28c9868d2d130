#!/usr/bin/env bash
# The engine links no storage library: what crashes or hangs in one must not take the engine along.
set -euo pipefail
libraries=$(ldd "$1")
# libcurl only where the engine itself asks for it: on Debian 13 the libproxy under QtNetwork brings one along.
needed=$(objdump -p "$1" | grep NEEDED)
if grep -E 'librados|libradosstriper|librbd|libceph' <<<"$libraries" || grep libcurl <<<"$needed"; then
    echo "$1 links a storage library" >&2
    exit 1
fi
grep -q libQt6Core <<<"$libraries" || { echo "$1 is not the engine" >&2; exit 1; }
echo "no storage library in $1"
