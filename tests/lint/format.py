#!/usr/bin/env python3
"""Demands that each C++ file is what clang-format makes of it, by .clang-format.

Usage: format.py [--fix] [ROOT]

--fix writes the files instead. Releases of clang-format differ, so only Debian 12's is asked; with another one this ends
with 77, which ctest counts as skipped.
"""
import pathlib
import re
import shutil
import subprocess
import sys

MAJOR = "14"
BATCH = 50
FOLDERS = ("app", "backend", "ui", "tests")


def formatter():
    """The program, or why there is none."""
    for name in (f"clang-format-{MAJOR}", "clang-format"):
        program = shutil.which(name)
        if program:
            said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
            if re.search(rf"version {MAJOR}\.", said):
                return program, ""
    return None, f"clang-format {MAJOR} is not installed (Debian 12: apt-get install clang-format)"


def main():
    arguments = sys.argv[1:]
    fix = "--fix" in arguments
    roots = [argument for argument in arguments if argument != "--fix"]
    root = pathlib.Path(roots[0] if roots else pathlib.Path(__file__).parents[2]).resolve()
    program, why = formatter()
    if not program:
        print(f"format: skipped, {why}")
        return 77
    files = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*")) if path.suffix in (".h", ".cpp")]

    found = set()
    for first in range(0, len(files), BATCH):
        batch = files[first:first + BATCH]
        said = subprocess.run([program, "--style=file", *(["-i"] if fix else ["--dry-run", "--Werror"]), *batch],
                              capture_output=True, text=True, check=False)
        found.update(re.findall(r"^(.+?):\d+:\d+: error: ", said.stderr, re.MULTILINE))
        if said.returncode != 0 and not found:
            sys.exit(f"format: {program} ends with {said.returncode}: {said.stderr.strip()}")
    for path in sorted(found):
        print(f"{pathlib.Path(path).relative_to(root)}: not formatted")
    if found:
        print("format: run tests/lint/format.py --fix")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
