#!/usr/bin/python3
"""The main job: a flow of six tasks, a foreign lock in its way, the doctor, the reset, equal bytes, the record."""
import json

from harness import Ctl, ForeignClient, Scenario, figure, main, wait_until


class MainJob(Scenario):
    with_luigi = True

    def test_main_job(self):
        luigi = bool(self.env.get("SLUICE_LAB_LUIGI_URL"))
        if not luigi:
            print("SKIP   : main_job: the Luigi task, for PyPI is out of reach", flush=True)
        digests = self.make_files("landing", 300, 256 * 1024)
        flow = self.flow("nightly-train", [
            f"land: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/landing\" }}, stallAfter: 60s }}",
            "copy-train: { needs: [land], move: { from: \"rados://vega/landing\", to: \"rados://vega/train\", inFlight: 1 }, stallAfter: 5s }",
            *(["features: { needs: [copy-train], luigi: { connection: luigid, module: sluice_lab, task: Features, params: "
               f"{{ date: \"2026-01-01\", out: \"{self.dir}/features\", seconds: \"0.2\" }} }} }}"] if luigi else []),
            f"gate: {{ needs: [{'features' if luigi else 'copy-train'}], approve: {{ message: \"Publish?\" }} }}",
            "check: { needs: [gate], verify: { of: copy-train } }",
            "publish: { needs: [check], move: { from: \"rados://vega/train\", to: \"s3://rgw.vega/catalog/nightly/\" } }",
        ])
        engine = self.engine().start()
        engine.wait_lease()
        engine.wait_keys("ingest")
        checked = engine.ctl("flow", "check", str(flow))
        self.assertTrue(checked["ok"])
        self.assertEqual(checked["tasks"], 6 if luigi else 5)

        foreign = ForeignClient(self.env["CEPH_CONF"], "train")
        run = engine.submit(flow)
        locked = self.lock_while_it_copies(engine, foreign, digests)
        holder = foreign.client
        foreign.die()
        stalled = engine.wait_run(run, "stalled", seconds=60)
        wait_until(lambda: engine.task(run, "copy-train")["objectsDone"] == 299, "all the others are copied")
        self.assertEqual(engine.task(run, "copy-train")["state"], "stalled")
        self.assertTrue(stalled["caseId"])

        case = engine.doctor(run)
        self.assertEqual(case["rule"], "R18", json.dumps(case, indent=1))
        lock = engine.finding(case, "R18")
        self.assertEqual(lock["verdict"], "confirmed")
        told = json.dumps(lock)
        for word in (holder, "compact", locked):
            self.assertIn(word, told)
        for rule in ("R5", "R13", "R10"):
            refuted = engine.finding(case, rule)
            self.assertIsNotNone(refuted, rule)
            self.assertEqual(refuted["verdict"], "refuted", json.dumps(refuted))
            self.assertTrue(refuted["evidence"], rule)
        self.assertEqual(case["remedy"]["method"], "flow.reset")

        plan = engine.ctl("flow", "reset", run)
        [task] = plan["plan"]["tasks"]
        self.assertEqual(task["task"], "copy-train")
        self.assertEqual(task["kept"]["objects"], 299)
        self.assertEqual([d["object"] for d in task["dropped"]], [locked])
        self.assertEqual(task["locks"][0]["client"], holder)
        self.assertEqual(engine.task(run, "copy-train")["state"], "stalled", "a plan changes nothing")

        engine.ctl("flow", "reset", run, "--yes", timeout=120)
        copied = engine.wait_task(run, "copy-train", "done", seconds=60)
        self.assertEqual(copied["attempt"], 2)
        self.assertGreaterEqual(copied["objectsKept"], 299)

        wait_until(lambda: engine.task(run, "gate")["phase"] == "waits for a person", "the gate waits", 60)
        self.assertEqual(engine.task(run, "check")["state"], "waiting")
        engine.ctl("flow", "approve", run, "gate")
        engine.wait_run(run, "done", seconds=90)

        self.assertEqual(self.pool_digests("landing"), digests)
        self.assertEqual(self.pool_digests("train"), digests)
        self.assertEqual(self.bucket_digests("nightly/"), digests)

        verified = engine.ctl("audit", "verify")
        self.assertTrue(verified["ok"])
        records = engine.ctl("audit", "list", "--limit", "200")["records"]
        told = [(r["action"], r["outcome"]) for r in records]
        for entry in (("flow.submit", "verified"), ("flow.reset", "intent"), ("lock.break", "verified"), ("client.blocklist", "verified"),
                      ("object.remove", "verified"), ("flow.reset", "verified"), ("flow.approve", "verified")):
            self.assertIn(entry, told)
        reset = next(r for r in records if r["action"] == "flow.reset" and r["outcome"] == "intent")
        self.assertEqual(reset["planHash"], plan["planHash"])
        self.assertTrue(reset["principal"])
        closed = engine.doctor(run)
        self.assertEqual(closed["phase"], "closed")

        figures = engine.ctl("engine")["engine"]
        figure(f"main job: loop lag p99 {figures['loopLagP99Ms']} ms (max {figures['loopLagMaxMs']}), commit p99 {figures['commitP99Ms']} ms")
        self.secrets_stay_home(engine)
        self.tampering_is_named(engine, next(r["seq"] for r in records if r["action"] == "flow.approve"))

    def lock_while_it_copies(self, engine, foreign, digests):
        """Takes the lock on a destination object that the copy under way has not come to; returns its name.
        The worker is held meanwhile, so that the copy is never quicker than whoever looks for such an object."""
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            wait_until(lambda: next(ioctx.list_objects(), None), "the copy is under way", 60)
            with engine.stopped():
                there = {item.key for item in ioctx.list_objects()}
                for name in sorted(digests.keys() - there):
                    if foreign.lock(name) == 0:
                        return name
                    foreign.unlock(name)
        raise AssertionError("the copy was too quick: nothing was left to lock")

    def secrets_stay_home(self, engine):
        """No key of the laboratory or of a role stands in a log, the store or the record."""
        secrets = []
        for path in (engine.state / "secrets").rglob("*"):
            if path.is_file():
                self.assertEqual(path.stat().st_mode & 0o077, 0, path)
                secrets += [word for word in path.read_text().split() if len(word) >= 16]
        secrets.append((engine.state / "token").read_text().strip())
        self.assertGreaterEqual(len(secrets), 3)
        looked = 0
        for path in engine.state.rglob("*"):
            if path.is_file() and "secrets" not in path.parts and path.name != "token":
                data = path.read_bytes()
                looked += 1
                for secret in secrets:
                    self.assertNotIn(secret.encode(), data, path)
        self.assertGreater(looked, 5)

    def tampering_is_named(self, engine, seq):
        engine.stop()
        path = engine.state / "audit.db"
        self.assertTrue(engine_offline(engine, path)["ok"])
        data = path.read_bytes()
        at = data.index(b'"action":"flow.approve"') + len(b'"action":"')
        path.write_bytes(data[:at] + b"F" + data[at + 1:])
        with self.assertRaises(Ctl) as refused:
            engine_offline(engine, path)
        found = json.loads(refused.exception.out.splitlines()[-1])
        self.assertFalse(found["ok"])
        self.assertLessEqual(found["firstBad"]["seq"], seq)
        self.assertTrue(found["firstBad"]["why"])


def engine_offline(engine, path):
    return engine.ctl("audit", "verify", "--file", str(path))


if __name__ == "__main__":
    main()
