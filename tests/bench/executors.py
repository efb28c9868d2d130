#!/usr/bin/python3
"""Tasks a second with real executors: every task is a copy of one small file by a worker process of its own.

The bare engine's figure (flow_bench) counts transitions without any process; this one is what a user gets.
"""
import json
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from harness import Engine, figure  # noqa: E402

TASKS = 100
ROUNDS = 3


def main():
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        path = pathlib.Path(folder)
        (path / "engine.yaml").write_text("profile: { name: bench, colour: moss }\nconnections: {}\nroles: {}\n")
        for i in range(TASKS):
            (path / "in" / f"{i}").mkdir(parents=True)
            (path / "in" / f"{i}" / "part").write_bytes(b"%d" % i)
        engine = Engine(path / "engine.yaml", path / "state").start()
        rates, lags = [], []
        try:
            for n in range(ROUNDS):
                with open(path / "flow.yaml", "w", encoding="utf-8") as f:
                    f.write("flow: small\ntasks:\n")
                    f.writelines(f"  t{i}: {{ move: {{ from: \"file:{path}/in/{i}\", to: \"file:{path}/out-{n}/{i}\" }} }}\n" for i in range(TASKS))
                began = time.monotonic()
                run = engine.submit(path / "flow.yaml")
                while (state := engine.run(run)["state"]) != "done":
                    if state in ("failed", "stalled", "cancelled"):
                        sys.exit(f"the run is {state}: {json.dumps(engine.run(run))}")
                rates.append(TASKS / (time.monotonic() - began))
                lags.append(engine.ctl("engine")["engine"]["loopLagP99Ms"])
        finally:
            engine.stop()
        copied = sorted(p.read_bytes() for p in (path / f"out-{ROUNDS - 1}").glob("*/part"))
        if copied != sorted(b"%d" % i for i in range(TASKS)):
            sys.exit("not every file arrived")
    figure(f"tasks with a worker process each: median {statistics.median(rates):.1f}/s (worst of {ROUNDS} {min(rates):.1f}/s, "
           f"{TASKS} copies of one file), loop lag p99 {max(lags):.1f} ms")


main()
