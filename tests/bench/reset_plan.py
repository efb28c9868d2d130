#!/usr/bin/python3
"""How long the plan of a reset takes on a real cluster: a copy of many objects, all but one in the manifest, the last
one held up by somebody's lock. The plan asks the cluster about that one and about what is in flight.

The check asks with 10,000 objects; SLUICE_BENCH_OBJECTS=1000000 is the run that the goal speaks of.
"""
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario"))
from harness import ForeignClient, Scenario, figure, main, wait_until  # noqa: E402

OBJECTS = int(os.environ.get("SLUICE_BENCH_OBJECTS", "10000"))
ROUNDS = 5
GOAL_S = 5


def resident_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("no VmRSS")


class ResetPlan(Scenario):
    with_rgw = False
    pools = ("many",)

    def test_plan(self):
        folder = self.dir / "many"
        folder.mkdir()
        for i in range(OBJECTS):
            (folder / f"part-{i:07}").write_bytes(b"%d" % i)
        last = f"part-{OBJECTS - 1:07}"
        holder = ForeignClient(self.env["CEPH_CONF"], "many")
        holder.lock(last)
        engine = self.engine(stall_after="5s").start()
        engine.wait_keys("ingest")
        run = engine.submit(self.flow("many", [f"copy: {{ move: {{ from: \"file:{folder}\", to: \"rados://vega/many\" }} }}"]))
        wait_until(lambda: engine.task(run, "copy")["objectsDone"] == OBJECTS - 1, "all but the locked object are copied", 60 + OBJECTS // 100)
        engine.wait_run(run, "stalled", seconds=60)
        before = resident_mib(engine.process.pid)
        took = []
        for _ in range(ROUNDS):
            began = time.monotonic()
            plan = engine.ctl("flow", "reset", run)["plan"]
            took.append(time.monotonic() - began)
            self.assertEqual(plan["tasks"][0]["kept"]["objects"], OBJECTS - 1)
            self.assertEqual(plan["tasks"][0]["locks"][0]["object"], last, "the cluster was asked about the lock")
        grown = resident_mib(engine.process.pid) - before
        holder.unlock(last)
        engine.wait_run(run, "done", seconds=60)
        holder.die()
        figure(f"reset plan of {OBJECTS} objects on a real cluster, command line included: median {statistics.median(took):.2f} s "
               f"(worst of {ROUNDS} {max(took):.2f} s; goal {GOAL_S} s for 1,000,000), memory of the engine {grown:+.1f} MiB")


if __name__ == "__main__":
    main()
