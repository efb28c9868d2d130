#!/usr/bin/python3
"""Each rule provoked for real: R5, R10, R13 (see two_monitors.py), R18 with a holder that lives, R21, and none."""
import json

from harness import Scenario, main, wait_until


class Rules(Scenario):
    with_rgw = False
    pools = ("quota", "denied", "small")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files = cls.make_files(cls, "landing", 200, 128 * 1024)

    def setUp(self):
        super().setUp()
        self.e = self.engine(self.id().rsplit(".", 1)[1], stall_after="3s",
                             extra_roles="  narrow: { connection: vega, entity: client.narrow, overlap: 3s, "
                                         "caps: { mon: \"allow r\", osd: \"allow r pool=denied\" } }\n").start()
        self.e.wait_keys("ingest", "narrow")

    def submit(self, name, pool, more="", prefix=""):
        return self.e.submit(self.flow(name, [
            f"copy: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/{pool}{prefix}\" }}{more} }}"]))

    def stalled_case(self, run, rule):
        self.e.wait_run(run, "stalled", seconds=40)

        def named():
            case = self.e.doctor(run)
            return case if case["rule"] == rule else None
        try:
            return wait_until(named, f"the doctor names {rule}", 25)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{json.dumps(self.e.doctor(run), indent=1)[:6000]}") from None

    def test_r10_quota(self):
        with self.rados() as cluster, cluster.open_ioctx("quota") as ioctx:
            for i in range(30):
                ioctx.write_full(f"there-{i}", b"x")
        self.ceph("ceph", "osd", "pool", "set-quota", "quota", "max_objects", "20")
        wait_until(lambda: (self.e.fact("vega/ceph-pool/quota") or {}).get("facts", {}).get("fullQuota"), "the Ceph pool is full by its quota", 30)
        run = self.submit("quota", "quota", prefix="/in/")
        case = self.stalled_case(run, "R10")
        finding = self.e.finding(case, "R10")
        self.assertEqual(finding["verdict"], "confirmed")
        self.assertTrue(finding["correction"])
        self.assertEqual(self.e.finding(case, "R13")["verdict"], "refuted")
        self.ceph("ceph", "osd", "pool", "set-quota", "quota", "max_objects", "0")
        self.e.wait_run(run, "done", seconds=60)
        self.assertEqual(self.pool_digests("quota", "in/"), self.files)
        self.assertEqual(self.e.task(run, "copy")["attempt"], 1, "it went on by itself")

    def test_r21_caps(self):
        run = self.submit("caps", "denied", ", role: narrow")
        case = self.stalled_case(run, "R21")
        finding = self.e.finding(case, "R21")
        self.assertIn("client.narrow", json.dumps(finding))
        self.addCleanup(self.ceph, "ceph", "auth", "caps", "client.narrow.g1", "mon", "allow r", "osd", "allow r pool=denied")
        self.ceph("ceph", "auth", "caps", "client.narrow.g1", "mon", "allow r", "osd", "allow rwx pool=denied")
        # Live sessions keep the caps they had: a new session is what a reset brings.
        self.e.reset_if_held_up(run)
        self.assertEqual(self.pool_digests("denied"), self.files)

    def test_r5_min_size(self):
        run = self.submit("minsize", "small")
        self.e.wait_run(run, "done", seconds=60)
        # Two of three copies are gone: below min_size 2 every write waits, and nothing calls it slow.
        self.ceph("pause", "osd.1", "osd.2")
        try:
            self.ceph("ceph", "osd", "down", "1", "2")
            wait_until(lambda: (self.e.fact("vega/pg-summary/vega") or {}).get("facts", {}).get("inactive", 0) > 0, "inactive placement groups", 40)
            run = self.submit("minsize2", "small", prefix="/again/")
            case = self.stalled_case(run, "R5")
            self.assertEqual(self.e.finding(case, "R5")["verdict"], "confirmed")
            self.assertEqual(self.e.finding(case, "R10")["verdict"], "refuted", json.dumps(self.e.finding(case, "R10")))
        finally:
            self.ceph("cont", "osd.1", "osd.2")
        self.e.wait_run(run, "done", seconds=90)
        self.assertEqual(self.pool_digests("small", "again/"), self.files)

    def test_r18_a_live_holder_is_not_broken(self):
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            ioctx.lock_exclusive("live/part-00100", "compact", "cookie", "a job at work")
            run = self.submit("live", "train", prefix="/live/")
            case = self.stalled_case(run, "R18")
            told = json.dumps(self.e.finding(case, "R18")).lower()
            self.assertIn("alive", told.replace("live client", "alive"))
            plan = self.e.ctl("flow", "reset", run)["plan"]
            self.assertTrue(plan["tasks"][0]["locks"][0]["alive"])
            self.assertFalse([s for s in plan["steps"] if s["id"].endswith(".lock")], "a live client's lock is left alone")
            ioctx.unlock("live/part-00100", "compact", "cookie")
            self.e.wait_run(run, "done", seconds=60)
        self.assertEqual(self.pool_digests("train", "live/"), self.files)


if __name__ == "__main__":
    main()
