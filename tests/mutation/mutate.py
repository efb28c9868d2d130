#!/usr/bin/env python3
"""Puts small faults into a copy of the sources and demands that a fast test notices each of them.

Usage: mutate.py [--scratch DIR | --here] [--preset NAME] [--list | --check] [WORD...]

The faults stand in tests/mutation/*.toml, one table entry each (README.md says what an entry holds). Only those whose
file, table or name holds one of the WORDs are tried; without words all. The copy is made in build/mutation and kept, so
that the next run builds little. --here changes the sources this script lies among, file by file, and puts them back: for
a checkout that nobody works in. --list prints the table, --check only looks whether every entry still fits the sources.
Exits 1 if a fault survived, does not build, or does not fit the sources any more.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAST = {"unit", "protocol", "models", "gui", "lint"}
TEST_LIMIT_S = 300


def table(words):
    """The entries that the words ask for, those of one file together: then it is built back only once."""
    entries = []
    for path in sorted((ROOT / "tests" / "mutation").glob("*.toml")):
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]:
            entry["table"] = path.stem
            hay = " ".join((path.stem, entry["file"], entry["name"])).lower()
            if not words or any(word.lower() in hay for word in words):
                entries.append(entry)
    return sorted(entries, key=lambda entry: entry["file"])


def misfit(entry, root):
    """Why the entry cannot be applied; nothing if it can."""
    path = root / entry["file"]
    if not path.is_file():
        return "there is no such file"
    count = path.read_text(encoding="utf-8").count(entry["text"])
    if count != 1:
        return f"its text is there {count} times, not once"
    if entry["text"] == entry["by"]:
        return "it changes nothing"
    if bool(entry.get("tests")) == bool(entry.get("equivalent")):
        return "it needs either tests or the reason why it is equivalent"
    return ""


def copy_sources(to):
    """Tracked and new files into the scratch tree; what is as it was keeps its time, so that it is not built again."""
    names = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard", "-z"], check=True,
                           capture_output=True).stdout.decode().split("\0")
    wanted = {name for name in names if name and (ROOT / name).is_file()}
    for name in sorted(wanted):
        source, target = ROOT / name, to / name
        content = source.read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(source.stat().st_mode)
    for path in sorted(to.rglob("*")):
        name = path.relative_to(to).as_posix()
        if path.is_file() and name not in wanted and not name.startswith("build/"):
            path.unlink()


def run(command, **options):
    return subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", **options)


class Tree:
    def __init__(self, root, preset):
        self.root = root
        self.build_folder = root / "build" / preset
        for command in ([root / "packaging" / "build", "--configure-only", preset], ["cmake", self.build_folder]):
            configured = run(command, cwd=root)
            if configured.returncode != 0:
                sys.exit(configured.stdout)

    def labels(self):
        shown = run(["ctest", "--test-dir", self.build_folder, "--show-only=json-v1"])
        tests = json.loads(shown.stdout[shown.stdout.index("{"):])["tests"]
        return {test["name"]: {label for p in test.get("properties", []) if p["name"] == "LABELS" for label in p["value"]}
                for test in tests}

    def build(self, tests):
        jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))
        return run(["cmake", "--build", self.build_folder, "-j", jobs, "--target", *(f"tst_{name}" for name in tests)])

    def failing(self, test):
        """The functions of a test program that fail, or the program's name if it says none; empty: it passes."""
        done = run(["ctest", "--test-dir", self.build_folder, "-R", f"^{re.escape(test)}$", "--no-tests=error",
                    "--output-on-failure", "--timeout", TEST_LIMIT_S])
        if done.returncode == 0:
            return []
        names = re.findall(r"^(?:\d+: )?FAIL!\s+: \w+::(\w+)", done.stdout, re.MULTILINE)
        return sorted(set(names)) or [f"{test} ({'time limit' if 'Timeout' in done.stdout else 'ended'})"]

    def attempt(self, entry):
        path = self.root / entry["file"]
        original = path.read_bytes()
        try:
            path.write_text(original.decode("utf-8").replace(entry["text"], entry["by"]), encoding="utf-8")
            built = self.build(entry["tests"])
            if built.returncode != 0:
                return "does not build", built.stdout.strip().splitlines()[-12:]
            passing, told = [], []
            for test in entry["tests"]:
                names = self.failing(test)
                told += [f"{test}: {', '.join(names)}"] if names else []
                passing += [] if names else [test]
            return ("SURVIVED" if passing else "killed"), [f"{name}: passes" for name in passing] + told
        finally:
            put_back(path, original)


def put_back(path, content):
    """Whole or not at all, whatever ends this program meanwhile."""
    beside = path.with_name(path.name + ".put-back")
    beside.write_bytes(content)
    beside.chmod(path.stat().st_mode)
    beside.replace(path)


def end(*_):
    """What was changed is put back before the end. A second signal must not end that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit("ended by a signal")


def main():
    signal.signal(signal.SIGTERM, end)
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--scratch", type=pathlib.Path, default=ROOT / "build" / "mutation")
    options.add_argument("--here", action="store_true")
    options.add_argument("--preset", default="release")
    options.add_argument("--list", action="store_true")
    options.add_argument("--check", action="store_true")
    options.add_argument("words", nargs="*")
    asked = options.parse_args()
    entries = table(asked.words)
    bad = 0
    for entry in entries:
        if asked.list:
            told = ", ".join(entry.get("tests", [])) or "equivalent: " + entry["equivalent"]
            print(f"{entry['file']}: {entry['name']} -> {told}")
        elif why := misfit(entry, ROOT):
            bad += 1
            print(f"stale     {entry['table']}.toml: {entry['file']}: {entry['name']}: {why}")
    entries = [entry for entry in entries if not misfit(entry, ROOT)]
    if asked.list or asked.check:
        print(f"{len(entries)} fit the sources, {bad} do not")
        return 1 if bad else 0
    entries = [entry for entry in entries if entry.get("tests")]
    if not asked.here:
        copy_sources(asked.scratch)
    tree = Tree(ROOT if asked.here else asked.scratch, asked.preset)
    labels = tree.labels()
    tests = sorted({test for entry in entries for test in entry["tests"]})
    slow = [test for test in tests if not labels.get(test, set()) & FAST]
    if slow:
        sys.exit(f"not a fast test of this build: {', '.join(slow)}")
    built = tree.build(tests)
    if built.returncode != 0:
        sys.exit(built.stdout)
    failing = [test for test in tests if tree.failing(test)]
    if failing:
        sys.exit(f"these fail without any fault put in: {', '.join(failing)}")
    counts = {"killed": 0}
    for entry in entries:
        result, told = tree.attempt(entry)
        counts[result] = counts.get(result, 0) + 1
        print(f"{result:9} {entry['file']}: {entry['name']}", *told, sep="\n          ", flush=True)
    print(", ".join(f"{count} {result}" for result, count in counts.items()) + (f", {bad} stale" if bad else ""))
    return 0 if counts["killed"] == len(entries) and not bad else 1


if __name__ == "__main__":
    sys.exit(main())
