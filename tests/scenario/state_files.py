#!/usr/bin/python3
"""What is done to the engine's own files is said in every client, and nothing is acted on until a person decides.
No laboratory is needed: files are moved into files."""
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import threading

from harness import BIN, Ctl, Engine, Scenario, main, wait_until


class StateFiles(Scenario):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="sl-"))

    def setUp(self):
        super().setUp()
        self.name = self.id().rsplit(".", 1)[1]
        self.state = self.dir / self.name
        self.make_files("in", 3, 1000)
        self.e = self.fresh()
        self.e.start()
        for number in (1, 2):
            self.e.wait_run(self.copy(number), "done")

    def fresh(self, production=False):
        config = self.dir / f"{self.name}.yaml"
        config.write_text(f"profile: {{ name: scenario, colour: moss, production: {str(production).lower()} }}\n")
        engine = Engine(config, self.state)
        self.engines.append(engine)
        return engine

    def copy(self, number):
        return self.e.submit(self.flow(f"{self.name}-{number}", [
            f"copy: {{ move: {{ from: \"file:{self.dir}/in\", to: \"file:{self.dir}/out-{self.name}-{number}\" }} }}"]))

    def row(self):
        return self.e.ctl("engine")["engine"]

    def assertStopped(self, file, words):
        row = wait_until(lambda: (lambda r: r if r["stateFindings"] else None)(self.row()), "what is wrong is said")
        self.assertIn(file, [f["file"] for f in row["stateFindings"]], row)
        self.assertIn(words, json.dumps(row["stateFindings"]))
        self.assertFalse(row["acting"])
        self.assertIn("accept-state", row["notActingWhy"])
        with self.assertRaises(Ctl) as refused:
            self.copy(8)
        self.assertIn(words, refused.exception.out + refused.exception.err)

    def accept(self):
        self.e.ctl("engine", "accept-state")
        self.assertFalse(self.row()["acting"], "looking decides nothing")
        self.e.ctl("engine", "accept-state", "--reason", "the backup is gone", "--yes")
        self.assertTrue(self.row()["acting"])
        last = self.e.ctl("audit", "list", "--limit", "2")["records"]
        self.assertEqual({r["action"] for r in last}, {"engine.accept_state"})
        self.assertEqual(last[0]["reason"], "the backup is gone")

    def files(self, pattern):
        return sorted(self.state.glob(pattern))

    def test_lost(self):
        self.e.kill9()
        for path in self.files("state.db*"):
            path.unlink()
        self.e.start()
        self.assertStopped("state.db", "a new one was made")
        self.e.kill9()
        self.e.start()
        self.assertStopped("state.db", "a new one was made")  # a restart decides nothing
        self.accept()
        run = self.copy(3)
        self.assertEqual(run, "R-3", "no number meets an old manifest")
        self.e.wait_run(run, "done")
        self.e.kill9()
        self.e.start()
        self.assertTrue(wait_until(lambda: self.row()["acting"], "it acts"))

    def test_older(self):
        self.e.stop()
        kept = self.dir / "kept.db"
        shutil.copy(self.state / "state.db", kept)
        self.e.start()
        self.e.wait_run(self.copy(3), "done")
        self.e.stop()
        shutil.copy(kept, self.state / "state.db")
        self.e.start()
        self.assertStopped("state.db", "it is older than it was")
        self.accept()
        self.assertEqual(self.copy(4), "R-4")

    def test_its_log_is_cut(self):
        self.e.kill9()
        os.truncate(self.state / "state.db-wal", 0)
        self.e.start()
        self.assertStopped("state.db", "it is")

    def test_removed_and_cut_while_it_runs(self):
        (self.state / "state.db").rename(self.state / "elsewhere")
        row = wait_until(lambda: (lambda r: None if r["acting"] else r)(self.row()), "it sees that the file is gone", 10)
        self.assertIn("was removed", row["notActingWhy"])
        self.assertEqual([f["file"] for f in row["stateFindings"]], ["state.db"])
        with self.assertRaises(Ctl):
            self.copy(3)
        self.e.kill9()
        (self.state / "elsewhere").rename(self.state / "state.db")
        self.e.start()
        os.truncate(self.state / "state.db-shm", 0)
        row = wait_until(lambda: (lambda r: None if r["acting"] else r)(self.row()), "it sees that the index is cut", 10)
        self.assertIn("became shorter", row["notActingWhy"])
        self.e.kill9()

    def overwrite_log(self, file, offset):
        with open(self.state / (file + "-wal"), "r+b") as log:
            log.seek(offset)
            self.assertTrue(log.read(7), "the log is as long as that")
            log.seek(offset)
            log.write(b"damaged")

    def assertDamaged(self, file, words):
        row = wait_until(lambda: (lambda r: r if r["stateFindings"] else None)(self.row()), "the damage is seen", 10)
        [finding] = row["stateFindings"]
        self.assertEqual((finding["file"], finding["stops"], row["acting"]), (file + "-wal", True, False), row)
        self.assertIn(f"{file}-wal was damaged while it was open: {words}", finding["what"])
        self.assertIn("Copy the whole state folder before anything else", row["notActingWhy"])
        text = subprocess.run([BIN / "sluicectl", "engine", "--state-dir", self.state], capture_output=True, text=True, check=True)
        self.assertIn(words, text.stdout.split("in doubt", 1)[1], text.stdout)
        with self.assertRaises(Ctl) as refused:
            self.copy(8)
        self.assertIn(words, refused.exception.out + refused.exception.err)
        told = subprocess.run([BIN / "sluicectl", "engine", "accept-state", "--state-dir", self.state], capture_output=True, text=True,
                              check=True)
        self.assertIn("It cannot be accepted. Copy the whole state folder", told.stdout + told.stderr)
        with self.assertRaises(Ctl):
            self.e.ctl("engine", "accept-state", "--reason", "it is only a log", "--yes")
        self.assertFalse(self.row()["acting"], "what cannot be written cannot be accepted")

    def test_its_log_is_overwritten_while_it_runs(self):
        self.e.stop()
        self.e.start()
        self.e.wait_run(self.copy(3), "done")
        before = (self.state / "state.db").read_bytes()
        self.overwrite_log("state.db", 32 + 4120 + 24 + 100)  # in the page of its second frame
        self.assertDamaged("state.db", "frame 2 of ")
        self.e.stop()
        self.assertEqual((self.state / "state.db").read_bytes(), before, "nothing of a damaged log is moved into the file")
        self.e.start()
        self.assertStopped("state.db", "it is older than it was")
        self.accept()
        self.assertEqual(self.copy(4), "R-4", "no number meets an old manifest")

    def test_the_log_of_the_audit_is_overwritten_while_it_runs(self):
        self.overwrite_log("audit.db", 16)
        self.assertDamaged("audit.db", "its header (byte 0 to 31) is not what was written")
        self.e.stop()
        self.e.start()
        self.assertIn("are missing at its end", wait_until(lambda: self.row()["stateFindings"], "it is said")[0]["what"])

    def test_audit_emptied(self):
        self.e.kill9()
        with sqlite3.connect(self.state / "audit.db") as db:
            db.execute("DELETE FROM record")
            db.execute("DELETE FROM head")
        (self.state / "audit.db.head").unlink()
        with self.assertRaises(Ctl) as broken:
            self.e.ctl("audit", "verify", "--file", self.state / "audit.db")
        self.assertIn("are missing at its end", broken.exception.out, "state.db knows how far it went")
        self.e.start()
        row = wait_until(lambda: (lambda r: r if r["stateFindings"] else None)(self.row()), "it is said")
        self.assertEqual(row["stateFindings"][0]["file"], "audit.db")
        self.assertIn("are missing at its end", row["stateFindings"][0]["what"])
        self.assertTrue(row["acting"], "no production profile: it goes on")
        with self.assertRaises(Ctl) as broken:
            self.e.ctl("audit", "verify")
        self.assertIn("missing", broken.exception.out)
        self.e.stop()
        self.e = self.fresh(production=True)
        self.e.start()
        self.assertStopped("audit.db", "missing")
        self.accept()

    def test_a_changed_record_stops_a_production_profile(self):
        self.e.kill9()
        with sqlite3.connect(self.state / "audit.db") as db:
            db.execute("UPDATE record SET body = CAST(replace(CAST(body AS TEXT), 'flow.submit', 'flow.cancel') AS BLOB) WHERE seq = 2")
        self.e = self.fresh(production=True)
        self.e.start()
        self.assertStopped("audit.db", "record 2")

    def test_a_damaged_row_is_named(self):
        self.e.kill9()
        with sqlite3.connect(self.state / "state.db") as db:
            db.execute("UPDATE task SET state = 99 WHERE run = 2")
        with self.assertRaises(AssertionError) as refused:
            self.e.start()
        self.assertIn("state.db is damaged", str(refused.exception))
        self.assertIn("column state holds “99”, which this version does not know", str(refused.exception))
        self.e.process = None

    def test_the_endpoint_is_written_as_soon_as_it_can_be(self):
        self.e.stop()
        endpoint = self.state / "endpoint.json"
        endpoint.mkdir()  # nothing can take its name
        before = (self.state / "engine.out").read_text().count("no client can find this engine yet")

        def make_room():
            wait_until(lambda: (self.state / "engine.out").read_text().count("no client can find this engine yet") > before,
                       "the engine says that it cannot be found")
            endpoint.rmdir()

        thread = threading.Thread(target=make_room)
        thread.start()
        self.e.start()
        thread.join()
        self.assertTrue(self.row()["acting"])

    def test_removed_small_files_lock_nobody_out(self):
        own = self.row()["engineId"]
        for names in (("endpoint.json",), ("token",), ("lock",), ("endpoint.json", "token", "engine-id")):
            for name in names:
                (self.state / name).unlink()
            wait_until(self.e.answers, f"clients find the engine again without its {names}", 10)
        second = subprocess.run([BIN / "sluiced", "--config", self.e.config, "--state-dir", self.state], stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(second.returncode, 1, "the folder stays locked without its lock file")
        self.assertIn("Another engine uses", second.stderr)
        self.assertTrue(self.e.answers())
        for text in (None, "", "44444444-4444-4444-8444-444444444444"):
            self.e.kill9()
            (self.state / "engine-id").unlink(missing_ok=True)
            if text is not None:
                (self.state / "engine-id").write_text(text)
            self.e.start()
            if text:
                self.assertStopped("engine-id", f"state.db was kept by engine {own}")
            else:
                self.assertEqual(self.row()["engineId"], own)

    def test_planted_link(self):
        self.e.stop()
        outside = self.dir / "outside"
        outside.write_text("keep")
        log = self.state / "logs" / "sluiced.log"
        log.unlink()
        log.symlink_to(outside)
        with self.assertRaises(AssertionError) as refused:
            self.e.start()
        self.assertIn("sluiced.log is not used", str(refused.exception))
        self.assertEqual(outside.read_text(), "keep")
        self.e.process = None


if __name__ == "__main__":
    main()
