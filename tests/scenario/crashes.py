#!/usr/bin/python3
"""kill -9 of the engine at random points of a running flow and of a reset: nothing acknowledged is lost."""
import contextlib
import random
import sqlite3
import subprocess
import threading
import time

from harness import BIN, PATIENCE, Ctl, Scenario, figure, main, wait_until

KILLS = 20
FIRST_RESET = 6  # from there on every other kill hits a reset
CHECK = "check: { needs: [copy], verify: { of: copy } }"


class Witness(threading.Thread):
    """Asks for small things all the time and notes what the engine acknowledged, up to the moment it is killed."""

    def __init__(self, engine, flow_file):
        super().__init__(daemon=True)
        self.engine, self.flow_file = engine, flow_file
        self.runs, self.records, self.finished = [], {}, set()
        self.ended = threading.Event()

    def run(self):
        while not self.ended.is_set():
            try:
                if len(self.runs) < 150:
                    self.runs.append(self.engine.ctl("flow", "submit", str(self.flow_file))["run"])
                for record in self.engine.ctl("audit", "list", "--limit", "20")["records"]:
                    self.records[record["seq"]] = record
                for row in self.engine.ctl("flow", "list")["runs"]:
                    if row["state"] == "done":
                        self.finished.add(row["id"])
            except (Ctl, KeyError, ValueError):
                pass  # it has just been killed; what it did not answer, it did not acknowledge

    def check(self, test, engine):
        """Everything acknowledged before this is asked is there."""
        submitted, finished, records = list(self.runs), set(self.finished), dict(self.records)
        runs = {row["id"]: row["state"] for row in engine.ctl("flow", "list")["runs"]}
        test.assertEqual([run for run in submitted if run not in runs], [], "a run was acknowledged and is gone")
        test.assertEqual([run for run in finished if runs.get(run) != "done"], [], "a run was done and is not")
        kept, before = {}, []
        while page := engine.ctl("audit", "list", "--limit", "500", *before)["records"]:
            kept.update({record["seq"]: record for record in page})
            before = ["--before", str(min(kept))]
        for seq, record in records.items():
            test.assertEqual(kept.get(seq), record, f"audit record {seq} was shown and is another now")


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
        self.lock_and_die("train", "0-part-00700")
        land = f"land: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/landing\", inFlight: 2 }} }}"
        runs = [engine.submit(self.flow("crash-0", [land, self.copy(0, "[land]"), CHECK]))]
        dice = random.Random(20260101)
        seen_records = 0
        gate = self.flow("gate", ["gate: { approve: { message: \"Now?\" } }"])
        witness = Witness(engine, gate)
        witness.start()
        self.addCleanup(witness.ended.set)
        for kill in range(KILLS):
            if kill >= FIRST_RESET and (kill - FIRST_RESET) % 2 == 0:
                self.stalled_run(engine, runs)
                reset = self.begin_reset(engine, runs[-1])
                self.wait_promised(engine, runs[-1], reset)
                self.pause(engine, dice.uniform(0.0, 0.15))
                engine.kill9()
                reset.communicate()
            else:
                self.pause(engine, dice.uniform(0.05, 1.5))
                engine.kill9()
            engine.start()
            for run in runs:
                self.assertEqual(engine.run(run)["id"], run, f"kill {kill}: the run is there")
            witness.check(self, engine)
            verified = engine.ctl("audit", "verify")
            self.assertTrue(verified["ok"], f"kill {kill}: {verified}")
            self.assertGreaterEqual(verified["records"], seen_records, "no acknowledged record is lost")
            seen_records = verified["records"]
        witness.ended.set()
        witness.join()
        witness.check(self, engine)
        acknowledged = len(witness.runs) + len(witness.records)
        self.assertGreater(acknowledged, KILLS, "something was acknowledged between the kills")
        engine.wait_lease()
        wait_until(lambda: self.helped(engine, runs[-1]), "the last run is done", 150)
        for run in runs:
            self.assertEqual(engine.run(run)["state"], "done", run)
        self.assertEqual(self.pool_digests("landing"), digests)
        for number in range(len(runs)):
            self.assertEqual(self.pool_digests("train", f"{number}/"), digests, f"copy {number}")
        told = engine.ctl("audit", "list", "--limit", "1000")["records"]
        cut = [r for r in told if r["action"] == "flow.reset" and r["outcome"].startswith("carried on")]
        begun = [r for r in told if r["action"] == "flow.reset" and r["outcome"] == "intent"]
        # One that is asked for while the one before is still carried on is refused, and begins nothing.
        self.assertGreaterEqual(len(begun), 2, "resets were begun")
        self.assertGreaterEqual(len(cut), 5, "resets were under way when the engine was killed, and were carried on")
        figure(f"crashes: {KILLS} kills, {len(begun)} resets begun, {len(cut)} of them cut in the middle and carried on, "
               f"{len(runs)} runs, {seen_records} audit records; {acknowledged} acknowledged runs and records found again")

    def copy(self, number, needs):
        return (f"copy: {{ needs: {needs}, move: {{ from: \"rados://vega/landing\", to: \"rados://vega/train/{number}/\", "
                "inFlight: 8, onExisting: replace } }")

    def stalled_run(self, engine, runs):
        """Waits until the last run is stalled; when it is done, the next one meets a lock of its own."""
        state = wait_until(lambda: (lambda s: s if s in ("stalled", "done") else None)(engine.run(runs[-1])["state"]),
                           f"{runs[-1]} is stalled or done", 90)
        if state == "done":
            number = len(runs)
            self.lock_and_die("train", f"{number}/part-00700")
            runs.append(engine.submit(self.flow(f"crash-{number}", [self.copy(number, "[]"), CHECK])))
            engine.wait_run(runs[-1], "stalled", seconds=60)

    def wait_promised(self, engine, run, reset):
        """Until the reset's plan is durable: from then on the engine has promised to carry it out."""
        with contextlib.closing(sqlite3.connect(f"file:{engine.state}/state.db?mode=ro", uri=True)) as state:
            end = time.monotonic() + 20 * PATIENCE
            while not state.execute("SELECT count(*) FROM action WHERE json_extract(body, '$.method') = 'flow.reset' "
                                    "AND json_extract(body, '$.params.run') = ?", (run,)).fetchone()[0]:
                if reset.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"no reset of {run} was begun: {reset.communicate()}")

    def begin_reset(self, engine, run):
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
