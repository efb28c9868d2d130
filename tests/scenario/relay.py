#!/usr/bin/python3
"""Stands between the engine and a worker as a network would that breaks: when the engine hangs up or kills this
program, the worker does not learn of it. So the worker becomes a zombie that the engine cannot reach.

Used in place of sluice-worker (`sluiced --worker`). The real program's path stands in the file `relay.worker` beside
this one; pids of real workers are appended to `relay.pids`, and what a cut-off worker says to `relay.PID.log`.
"""
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
REAL = (HERE / "relay.worker").read_text().strip()


def carry(outer):
    """The copier: lives in a session of its own, so that killing what the engine knows does not reach it."""
    os.setsid()
    middle, inner = socket.socketpair()
    os.dup2(inner.fileno(), 3)
    with open(HERE / f"relay.{os.getpid()}.log", "wb", buffering=0) as log:
        worker = subprocess.Popen([REAL, "move"], pass_fds=(3,), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(3)
        inner.close()
        with open(HERE / "relay.pids", "a", encoding="ascii") as pids:
            pids.write(f"{worker.pid}\n")
        engine = outer
        while True:
            readable, _, _ = select.select([middle] + ([engine] if engine else []), [], [])
            if engine in readable:
                data = engine.recv(1 << 16)
                if data:
                    middle.sendall(data)
                else:
                    engine = None
            if middle in readable:
                data = middle.recv(1 << 16)
                if not data:
                    worker.wait()
                    return
                try:
                    engine.sendall(data)
                except (OSError, AttributeError):
                    engine = None
                    log.write(data)


def main():
    if sys.argv[1:] != ["move"]:
        os.execv(REAL, [REAL, *sys.argv[1:]])
    outer = socket.socket(fileno=os.dup(3))  # 3 stays taken until the worker's own socket lies there
    if os.fork() == 0:
        carry(outer)
        os._exit(0)
    outer.close()
    os.close(3)
    signal.pause()


if __name__ == "__main__":
    main()
