#!/usr/bin/python3
"""How long a killed engine with a run of 100,000 tasks takes until it answers again."""
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from harness import Engine, figure  # noqa: E402

TASKS = 100_000
ROUNDS = 5
GOAL_S = 2


def main():
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        path = pathlib.Path(folder)
        (path / "engine.yaml").write_text("profile: { name: bench, colour: moss }\nconnections: {}\nroles: {}\n")
        with open(path / "flow.yaml", "w", encoding="utf-8") as f:
            f.write("flow: big\ntasks:\n  gate: { approve: { message: \"Now?\" } }\n")
            f.writelines(f"  t{i}: {{ needs: [gate], approve: {{ message: \"Now?\" }} }}\n" for i in range(TASKS - 1))
        engine = Engine(path / "engine.yaml", path / "state").start()
        try:
            run = engine.submit(path / "flow.yaml")
            took = []
            for _ in range(ROUNDS):
                engine.kill9()
                began = time.monotonic()
                engine.start(seconds=60)
                if engine.run(run)["tasksTotal"] != TASKS:
                    sys.exit("the run came back with other tasks")
                took.append(time.monotonic() - began)
        finally:
            engine.stop()
    figure(f"restart: sluiced with a run of {TASKS} tasks answers after {statistics.median(took):.2f} s "
           f"(median of {ROUNDS}, worst {max(took):.2f} s; goal {GOAL_S} s)")


main()
