#!/usr/bin/python3
"""A state folder of an earlier release is opened, and everything in it is found.

state_folder_4 holds the text of each file (sqlite3's dump) as an engine left them whose state.db was of version 4: R-1
done after a reset, with a rotated key and an S3 end; R-2 cancelled; R-3 failed with case C-2; R-4 stalled on a lock with
case C-3 and an attempt that is still open. Its cluster is gone. Nothing in that folder is ever changed; a release that
stores something new brings a folder of its own.
"""
import contextlib
import json
import pathlib
import shutil
import sqlite3
import tempfile

from harness import Ctl, Engine, Scenario, main, wait_until

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = """
profile: {{ name: scenario, colour: moss, production: false }}
connections:
  vega: {{ type: ceph, conf: "{dir}/ceph.conf", entity: client.sluice, keyring: "{dir}/keyring", cephPool: sluice }}
  rgw.vega: {{ type: s3, endpoint: "http://127.0.0.1:9", region: default, uid: lab, secret: s3/rgw.vega }}
  luigid: {{ type: luigi, url: "http://127.0.0.1:9" }}
roles:
  ingest:
    connection: vega
    entity: client.ingest
    caps: {{ mon: "allow r", osd: "allow rwx pool=landing, allow rwx pool=train, allow rwx pool=publish" }}
    overlap: 10s
  train:
    connection: vega
    entity: client.train
    caps: {{ mon: "allow r", osd: "allow r pool=landing, allow rwx pool=train" }}
    overlap: 10s
"""


class OldState(Scenario):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="sl-"))

    def setUp(self):
        super().setUp()
        self.state = self.dir / self.id().rsplit(".", 1)[1]
        self.unpack(HERE / "state_folder_4")
        (self.dir / "ceph.conf").write_text("[global]\nfsid = 8de3ae8f-b55c-4951-b5a3-9de5b206157e\nmon_host = v2:127.0.0.1:9\n")
        (self.dir / "keyring").write_text("")
        (self.dir / "keyring").chmod(0o600)
        config = self.dir / "sluice.yaml"
        config.write_text(CONFIG.format(dir=self.dir))
        self.e = Engine(config, self.state)
        self.engines.append(self.e)

    def unpack(self, source):
        for path in sorted(source.rglob("*")):
            target = self.state / path.relative_to(source)
            if path.is_dir():
                continue
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if path.suffix != ".sql":
                shutil.copy(path, target)
                continue
            with contextlib.closing(sqlite3.connect(target.with_suffix(".db"))) as db:
                db.executescript(path.read_text(encoding="utf-8"))
        for path in self.state.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)

    def rows(self, sql, *values):
        with contextlib.closing(sqlite3.connect(self.state / "state.db")) as db, db:
            return db.execute(sql, values).fetchall()

    def assertEverythingIsThere(self):
        runs = {run["id"]: run for run in self.e.ctl("flow", "list")["runs"]}
        self.assertEqual({id: run["state"] for id, run in runs.items()},
                         {"R-1": "done", "R-2": "cancelled", "R-3": "failed", "R-4": "stalled"})
        self.assertEqual((runs["R-1"]["tasksDone"], runs["R-1"]["tasksTotal"]), (6, 6))
        self.assertEqual(runs["R-1"]["submittedAt"], "2026-11-30T12:15:05.017Z")
        kinds = [(task["task"], task["kind"], task["state"]) for task in self.e.ctl("flow", "show", "R-4")["tasks"]]
        self.assertEqual(sorted(kinds), [("check", "verify", "waiting"), ("copy-train", "move", "stalled"), ("features", "luigi", "waiting"),
                                         ("gate", "approve", "waiting"), ("land", "move", "done"), ("publish", "move", "waiting")])
        self.assertEqual([self.e.doctor(run)["id"] for run in ("R-3", "R-4")], ["C-2", "C-3"])
        self.assertEqual(self.e.doctor("R-3")["openedAt"], "2026-11-30T12:16:29.640Z")
        roles = {role["role"]: [g["generation"] for g in role["generations"] if g["state"] == "current"] for role in self.e.ctl("keys", "list")["roles"]}
        self.assertEqual(roles, {"ingest": [2], "train": [1]})
        self.e.ctl("audit", "verify")  # ends with another code if the chain does not hold
        found = self.e.ctl("audit", "list", "--run", "R-1", "--action", "flow", "--outcome", "verified", "--before", "52")
        self.assertEqual([record["seq"] for record in found["records"]], [24, 22, 2])
        self.assertTrue(self.e.fact("vega/ceph-pool/train"))
        self.assertFalse(self.e.ctl("engine")["engine"]["stateFindings"])

    def test_everything_is_found(self):
        self.e.start()
        self.assertEverythingIsThere()
        self.e.kill9()
        self.e.start()
        self.assertEverythingIsThere()

    def test_numbers_go_on(self):
        self.e.start()
        self.make_files("in", 3, 1000)
        run = self.e.submit(self.flow("next", [f"copy: {{ move: {{ from: \"file:{self.dir}/in\", to: \"file:{self.dir}/out\" }} }}"]))
        self.assertEqual(run, "R-5")
        self.e.wait_run(run, "done")
        last = self.e.ctl("audit", "list", "--limit", "1")["records"][0]
        self.assertEqual((last["seq"], last["detail"]["actionId"]), (52, "A-9"))

    def test_kinds_and_states_are_words(self):
        self.e.start()
        self.assertEqual(self.rows("SELECT DISTINCT kind FROM task ORDER BY kind"), [("approve",), ("luigi",), ("move",), ("verify",)])
        self.assertEqual(self.rows("SELECT task, state FROM task WHERE run = 4 ORDER BY task LIMIT 3"),
                         [(0, "done"), (1, "stalled"), (2, "waiting")])
        self.assertEqual(self.rows("SELECT DISTINCT stage FROM request"), [("succeeded",)])
        self.assertEqual(self.rows("PRAGMA user_version"), [(1000,)])

    def claims(self, run, task):
        """Of its last attempt: [(kind, connection, a name)]."""
        text = self.rows("SELECT claims FROM attempt WHERE run = ? AND task = ? ORDER BY attempt DESC LIMIT 1", run, task)[0][0]
        return [(claim["kind"], claim["connection"], sorted(claim["body"])) for claim in json.loads(text)]

    def test_what_attempts_held_is_claims(self):
        self.e.start()
        self.assertEqual(self.claims(4, 1), [("ceph.client", "vega", ["address"])])
        self.assertEqual(self.claims(1, 5), [("ceph.client", "vega", ["address"]), ("s3.key", "rgw.vega", ["accessKey"])])
        self.assertEqual(self.claims(1, 2), [("luigi.process", "", ["process"])])
        # The attempt that is open is to be fenced, by the address it was known to have.
        self.assertIn("127.0.0.1:0/1397494077", json.dumps(self.e.ctl("flow", "cancel", "R-4")))

    def test_a_claim_that_is_not_known_is_refused_by_its_name(self):
        self.e.start()
        self.e.kill9()
        volume = [{"kind": "drbd.volume", "connection": "vega", "body": {"address": "127.0.0.1:0/1"}}]
        self.rows("UPDATE attempt SET claims = ? WHERE open = 1", json.dumps(volume))
        self.e.start()
        wait_until(lambda: "“drbd.volume” (it knows ceph.client" in json.dumps(self.e.ctl("flow", "show", "R-4"), ensure_ascii=False),
                   "the attempt says what it holds", 20)
        self.assertEqual(self.rows("SELECT count(*) FROM attempt WHERE open = 1"), [(1,)])
        self.e.kill9()
        self.rows("UPDATE attempt SET claims = '[7]' WHERE open = 1")
        with self.assertRaises(AssertionError) as refused:
            self.e.start()
        self.assertIn("column claims holds something that is no claim", str(refused.exception))
        self.e.process = None

    def test_what_is_not_known_is_refused(self):
        for column, value, said in (("kind", 9, "“9”, which this version does not know (move"),
                                    ("state", 8, "“8”, which this version does not know (waiting"),
                                    ("spec", '{"to":{"type":"volume"},"from":{"type":"file"}}',
                                     "'to' of a type that this version does not know: “volume”")):
            with self.subTest(column):
                [(before,)] = self.rows(f"SELECT {column} FROM task WHERE run = 4 AND task = 1")
                self.assertNotEqual(before, value)
                self.rows(f"UPDATE task SET {column} = ? WHERE run = 4 AND task = 1", value)
                with self.assertRaises(AssertionError) as refused:
                    self.e.start()
                self.assertIn(f"column {column} holds {said}", str(refused.exception))
                self.e.process = None
                self.rows(f"UPDATE task SET {column} = ? WHERE run = 4 AND task = 1",
                          {"kind": "move", "state": "stalled", "spec": before}[column])
        self.e.start()


if __name__ == "__main__":
    main()
