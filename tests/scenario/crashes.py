#!/usr/bin/python3
"""kill -9 of the engine at random points of a running flow and of a reset: nothing acknowledged is lost."""
import random
import time

from harness import Scenario, main, wait_until

KILLS = 20


class Crashes(Scenario):
    with_rgw = False

    def pause(self, engine, seconds):
        """Until a random moment has come: the moment is the test's input, not something it waits to be ready."""
        end = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= end, "the moment to kill", seconds + 5)

    def test_twenty_kills_in_a_running_flow_and_in_resets(self):
        digests = self.make_files("landing", 1500, 48 * 1024)
        engine = self.engine(stall_after="3s").start()
        engine.wait_keys("ingest")
        holder = self.lock_and_die("train", "part-00700")
        flow = self.flow("crash", [
            f"land: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/landing\", inFlight: 2 }} }}",
            "copy: { needs: [land], move: { from: \"rados://vega/landing\", to: \"rados://vega/train\", inFlight: 2 } }",
            "check: { needs: [copy], verify: { of: copy } }",
        ])
        run = engine.submit(flow)
        dice = random.Random(20260101)
        seen_records = 0
        resets = 0
        for kill in range(KILLS):
            if engine.run(run)["state"] == "stalled" and resets < 8:
                # Half of the kills that find the run stalled hit a reset that was just begun.
                resets += 1
                plan = engine.ctl("flow", "reset", run)
                self.assertTrue(plan["planHash"])
                reset = self.begin_reset(engine, run)
                self.pause(engine, dice.uniform(0.0, 0.6))
                engine.kill9()
                reset.wait()
                reset.stdout.close()
                reset.stderr.close()
            else:
                self.pause(engine, dice.uniform(0.05, 1.5))
                engine.kill9()
            engine.start()
            self.assertEqual(engine.run(run)["id"], run, f"kill {kill}: the run is there")
            verified = engine.ctl("audit", "verify")
            self.assertTrue(verified["ok"], f"kill {kill}: {verified}")
            self.assertGreaterEqual(verified["records"], seen_records, "no acknowledged record is lost")
            seen_records = verified["records"]
        engine.wait_lease()
        wait_until(lambda: self.helped(engine, run), "the run is done", 150)
        self.assertEqual(self.pool_digests("landing"), digests)
        self.assertEqual(self.pool_digests("train"), digests)
        self.assertEqual(engine.run(run)["tasksDone"], 3)
        print(f"{KILLS} kills, {resets} of them during a reset, holder {holder}, {seen_records} audit records")

    def begin_reset(self, engine, run):
        import subprocess
        from harness import BIN
        return subprocess.Popen([BIN / "sluicectl", "flow", "reset", run, "--yes", "--json", "--state-dir", engine.state],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def helped(self, engine, run):
        """The lock stays until a reset breaks it; when the last reset was hit, the next one does."""
        state = engine.run(run)["state"]
        self.assertNotEqual(state, "failed", engine.ctl("flow", "show", run))
        if state == "stalled":
            reset = self.begin_reset(engine, run)
            reset.communicate(timeout=90)
        return state == "done"


if __name__ == "__main__":
    main()
