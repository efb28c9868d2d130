#!/usr/bin/python3
"""lab_ports.py take|release DIR: a block of free loopback ports for the lab in DIR.

Blocks lie below 32768: above, a client's outgoing connection may sit on a monitor's port. Which block
belongs to which lab is written down per user, so that labs started at the same moment get different ones.
"""
import fcntl
import os
import random
import socket
import sys

FIRST, LAST, SIZE = 20000, 32700, 60


def owner(path):
    try:
        with open(path, encoding="utf-8") as f:
            return f.read().strip()
    except OSError:
        return ""


def all_free(base):
    for port in range(base, base + SIZE):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def take(lab, register):
    own = owner(f"{lab}/ports")
    if own:
        return own
    bases = list(range(FIRST, LAST - SIZE, SIZE))
    random.shuffle(bases)
    for base in bases:
        entry = f"{register}/{base}"
        held_by = owner(entry)
        if held_by and held_by != lab and owner(f"{held_by}/ports") == str(base):
            continue
        if not all_free(base):
            continue
        with open(entry, "w", encoding="utf-8") as f:
            f.write(lab)
        with open(f"{lab}/ports", "w", encoding="utf-8") as f:
            f.write(str(base))
        return str(base)
    sys.exit(f"lab_ports.py: no {SIZE} free ports in a row between {FIRST} and {LAST}")


def release(lab, register):
    base = owner(f"{lab}/ports")
    if not base:
        return
    if owner(f"{register}/{base}") == lab:
        os.unlink(f"{register}/{base}")
    os.unlink(f"{lab}/ports")


def locked(register):
    """The register's lock, held until it is closed. Who waited may have got that of a register that was removed."""
    while True:
        os.makedirs(register, mode=0o700, exist_ok=True)
        if os.stat(register).st_uid != os.getuid():
            sys.exit(f"lab_ports.py: {register} belongs to somebody else")
        try:
            lock = open(f"{register}/lock", "w", encoding="utf-8")
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock.fileno()).st_ino == os.stat(f"{register}/lock").st_ino:
                return lock
            lock.close()
        except FileNotFoundError:
            continue


def main():
    verb, lab = sys.argv[1], os.path.realpath(sys.argv[2])
    register = f"/tmp/sluice-lab-ports.{os.getuid()}"
    with locked(register):
        if verb == "take":
            print(take(lab, register))
        else:
            release(lab, register)
            if os.listdir(register) == ["lock"]:
                os.unlink(f"{register}/lock")
                os.rmdir(register)


main()
