#!/usr/bin/env python3
"""Rules of the house that a compiler does not check. Prints FILE:LINE: what, and exits 1 if anything was found.

Usage: lint.py [ROOT]
"""
import pathlib
import re
import sys

# What a part of backend/ may include, itself and core excepted. Connectors never include each other.
MAY_INCLUDE = {
    "core": set(),
    "yaml": set(),
    "model": set(),
    "store": set(),
    "audit": {"store"},
    "estate": {"store"},
    "config": {"yaml"},
    "worker": set(),
    "luigi": set(),
    "diagnosis": set(),
    "flow": {"yaml", "model", "store"},
    "actions": {"audit", "rpc", "store"},
    "keys": set(),
    "rpc": set(),
    "s3": {"ceph"},
    "ceph": {"worker", "model"},
    "mover": {"worker", "s3", "model"},
}
# What every system is to the engine, and what one system may see besides: never another system.
MAY_INCLUDE["connect"] = {"actions", "flow", "config", "diagnosis", "estate", "keys", "model", "store"}
# Moves work on the places of Ceph and of its gateways.
MAY_INCLUDE["systems/transfer"] = {
    "config", "connect", "flow", "keys", "model", "store", "systems/ceph", "worker", "yaml"}
MAY_INCLUDE["systems/ceph"] = {"actions", "config", "connect", "diagnosis", "estate", "flow", "keys", "model", "store", "worker", "yaml"}
MAY_INCLUDE["systems/luigi"] = {"config", "connect", "diagnosis", "estate", "flow", "luigi", "model", "store", "yaml"}
# The daemon's wiring sees all engine-side parts, and no storage library.
MAY_INCLUDE["engine"] = set(MAY_INCLUDE) - {"ceph", "mover", "s3"}

STORAGE_PARTS = {"ceph", "mover", "s3"}
UI_ORDER = ["style", "widgets", "shell", "session", "models", "dialogs", "pages", "systems", "wall"]
MAX_LINES = 500

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
BANNED_IN_PRODUCT = [
    (re.compile(r"\bprocessEvents\s*\("), "a nested event loop"),
    (re.compile(r"\bQEventLoop\b"), "a nested event loop"),
    (re.compile(r"\bwaitFor(ReadyRead|BytesWritten|Connected|Disconnected)\s*\("), "a blocking wait"),
]
BANNED = [
    (re.compile(r"\b(TODO|FIXME|XXX|HACK)\b"), "a note to self"),
    (re.compile(r"\bsetStyleSheet\s*\("), "a style sheet"),
]
BANNED_IN_TESTS = [
    # Where there is nothing to wait for (a thing must stay as it is), a comment above says so.
    (re.compile(r"\bqWait\s*\("), "a sleep instead of a condition"),
    (re.compile(r"\bQEXPECT_FAIL\b"), "a test that may not fail"),
]


# A system's name stands in its own folders and in tables; the rest works with any system.
SYSTEM_NAME = re.compile(r"ceph|luigi|airflow|linstor|drbd|\brados\b|\brgw\b", re.IGNORECASE)
OWN_FOLDERS = ("backend/systems/", "ui/systems/ceph/", "backend/ceph/", "backend/s3/", "backend/mover/", "backend/luigi/", "app/sluice-worker/")
TABLES = {
    "app/sluicectl/commands.cpp", "backend/core/redact.cpp", "backend/engine/claim_schema.cpp",
    "backend/engine/systems.cpp", "backend/flow/run_schema.cpp",
    "ui/style/english_forms.cpp", "ui/style/state_table.cpp",
    "ui/systems/systems.cpp"}
# What is still cut by system rather than by table. Files may only leave this list.
STILL_NAMED = {
    "app/sluicectl/estate_text.cpp",
    "backend/engine/recorded_link.cpp", "backend/keys/role_book.cpp",
    "backend/model/location.cpp", "backend/model/location.h",
    "ui/models/reset_progress.cpp", "ui/models/words.cpp",
    "ui/session/session.cpp", "ui/style/state_words.cpp", "ui/style/state_words.h"}


def sources(root, folder):
    for path in sorted((root / folder).rglob("*")):
        if path.suffix in (".h", ".cpp") and path.is_file():
            yield path


def part_of(pieces):
    """The part a path or an include belongs to; a system is a part of its own."""
    return "/".join(pieces[:2]) if pieces[0] == "systems" else pieces[0]


def check_backend(root, say):
    for path in sources(root, "backend"):
        part = part_of(path.relative_to(root / "backend").parts)
        if part not in MAY_INCLUDE:
            say(path, 1, f"part '{part}' has no rule in tests/lint/lint.py")
            continue
        allowed = MAY_INCLUDE[part] | {part, "core"}
        for number, kind, name in includes(path):
            first = part_of(name.split("/"))
            if kind == '"' and first in MAY_INCLUDE and first not in allowed:
                say(path, number, f"{part} must not include {first}")
            if re.match(r"Qt(Widgets|Gui|Svg)/|Q(Widget|Application|Painter)$", name) or name.startswith("ui/"):
                say(path, number, "backend must not include a widget")
            if name.startswith("rados/") and part not in STORAGE_PARTS:
                say(path, number, "librados belongs to the worker side")
            if name.startswith("curl/") and part != "s3":
                say(path, number, "libcurl belongs to s3")
            if name.startswith("spdlog/") and path.name != "log.cpp":
                say(path, number, "spdlog belongs behind core/log.h")


def check_ui(root, say):
    for path in sources(root, "ui"):
        part = path.relative_to(root / "ui").parts[0]
        for number, kind, name in includes(path):
            pieces = name.split("/")
            if kind == '"' and pieces[0] in MAY_INCLUDE and pieces[0] not in ("core", "rpc", "model"):
                say(path, number, f"the console reaches the engine by the protocol only, not by {pieces[0]}")
            if pieces[0] == "rpc" and part != "session":
                say(path, number, "only ui/session speaks the protocol")
            if pieces[0] == "ui" and len(pieces) > 2 and pieces[1] in UI_ORDER and part in UI_ORDER:
                if UI_ORDER.index(pieces[1]) > UI_ORDER.index(part):
                    say(path, number, f"ui/{part} must not include ui/{pieces[1]}")

# A client decides by codes and members; what the engine says in words is for reading.
READS_WORDS = [
    re.compile(r"\b(summary|message|cause|correction|sentence|remark)\)?"
               r"\.(contains|startsWith|endsWith|indexOf|section|split)\("),
    re.compile(r'u"(text|title|summary|message|cause|correction|detail|remark)"\)'
               r"\.(contains|startsWith|endsWith|indexOf|section|split|mid|left)\("),
    re.compile(r'[=!]= (QLatin1String|QStringLiteral|QLatin1StringView)\("([^" ]+ ){3,}'),
]


# One text or the other by a count of one.
HAND_MADE_FORM = re.compile(r'== 1\s*\?\s*(QString|QLatin1String|"|\'|one\b|\w+->one\b)')


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def check_cycles(root, say):
    """No header reaches itself through others, within backend/ and ui/."""
    graph = {}
    for folder, base in (("backend", root / "backend"), ("ui", root)):
        for path in sources(root, folder):
            if path.suffix == ".h":
                graph[path] = [base / n for _, k, n in includes(path) if k == '"' and (base / n).is_file()]
    state = {}

    def visit(node, trail):
        state[node] = 1
        for target in graph.get(node, []):
            if state.get(target) == 1:
                names = " -> ".join(p.name for p in trail[trail.index(target):] + [target]) if target in trail else target.name
                say(node, 1, f"headers include each other in a circle: {names}")
            elif target not in state:
                visit(target, trail + [target])
        state[node] = 2

    for node in graph:
        if node not in state:
            visit(node, [node])


def check_text(root, say):
    for folder in ("backend", "ui", "app", "tests"):
        for path in sources(root, folder):
            lines = path.read_text(encoding="utf-8").splitlines()
            if len(lines) > MAX_LINES and folder != "tests":
                say(path, MAX_LINES, f"{len(lines)} lines: what is this two of?")
            if path.suffix == ".h" and "#pragma once" not in lines[:5]:
                say(path, 1, "no #pragma once at the top")
            rules = BANNED + (BANNED_IN_TESTS if folder == "tests" else BANNED_IN_PRODUCT)
            for number, line in enumerate(lines, 1):
                explained = number > 1 and lines[number - 2].lstrip().startswith("//")
                for pattern, what in rules:
                    if pattern.search(line) and not (explained and what.startswith("a sleep")):
                        say(path, number, what)


def check_names(root, say):
    for folder in ("backend", "ui", "app"):
        for path in sources(root, folder):
            name = path.relative_to(root).as_posix()
            named = [number for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
                     if SYSTEM_NAME.search(line.split("//")[0])]
            if name in STILL_NAMED and not named:
                say(path, 1, "no system is named here any more: take it off STILL_NAMED in tests/lint/lint.py")
            if not name.startswith(OWN_FOLDERS) and name not in TABLES | STILL_NAMED:
                for number in named:
                    say(path, number, "a system's name outside its own folder")


def check_words(root, say):
    for folder in ("ui", "app"):
        for path in sources(root, folder):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if any(pattern.search(line) for pattern in READS_WORDS):
                    say(path, number, "a client that reads a sentence of the engine")


def check_forms(root, say):
    """A text with a count leaves its form to the translation, and the English one is in the table."""
    table = root / "ui/style/english_forms.cpp"
    known = re.findall(r'^    \{"((?:[^"\\]|\\.)*)",', table.read_text(encoding="utf-8"), re.M) if table.is_file() else []
    for path in sources(root, "ui"):
        text = path.read_text(encoding="utf-8")
        counted = [match for pattern in (r'\btr\(\s*"([^"]*)",\s*nullptr,', r'QT_TRANSLATE_N_NOOP\(\s*"[^"]*",\s*"([^"]*)"\)')
                   for match in re.finditer(pattern, text)]
        for match in counted:
            if match.group(1) not in known:
                say(path, text.count("\n", 0, match.start()) + 1, "no English form for one in ui/style/english_forms.cpp")
        for match in re.finditer(r"== 1\s*\?\s*(\w+::)?tr\(", text):
            say(path, text.count("\n", 0, match.start()) + 1, "a form chosen by hand: tr() takes the count")
    for folder in ("backend", "app"):
        for path in sources(root, folder):
            text = path.read_text(encoding="utf-8")
            for match in HAND_MADE_FORM.finditer(text):
                if path.name != "counted.cpp":
                    say(path, text.count("\n", 0, match.start()) + 1, "a form chosen by hand: core/counted.h has it")


def check_mains(root, say):
    for path in sorted((root / "app").glob("*/main.cpp")):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count >= 100:
            say(path, count, "a main of 100 lines or more")


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    found = []

    def say(path, number, what):
        found.append(f"{path.relative_to(root)}:{number}: {what}")

    for check in (check_backend, check_ui, check_cycles, check_text, check_mains, check_names, check_words,
                  check_forms):
        check(root, say)
    print("\n".join(found) if found else "lint: nothing found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
