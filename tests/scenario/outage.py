#!/usr/bin/python3
"""What is broken is a case at once, although no run waits for it; a run that stalls on it later joins."""
import json
import time

from case_drill import GatewayDrill
from harness import figure, main, wait_until


class Outage(GatewayDrill):
    """A quiet cluster in which one thing after the other breaks, and is mended."""

    def open_cases(self):
        return self.e.ctl("cases")["cases"]

    def case_about(self, subject):
        return next((case for case in self.open_cases() if case["subject"] == subject), None)

    def standing(self, subject):
        case = self.case_about(subject)
        return case if case and case["phase"] != "verify" else None

    def broken(self, subject, rule, seconds=30):
        """Waits for its case, which no run is in."""
        began = time.monotonic()
        case = wait_until(lambda: self.standing(subject), f"a case about {subject}", seconds)
        figure(f"outage: {rule} {subject}: a case after {time.monotonic() - began:.1f} s")
        self.assertEqual((case["rule"], case["verdict"], case["run"], case["runs"]), (rule, "confirmed", "", []), json.dumps(case))
        self.assertTrue(case["remedy"]["steps"])
        return case

    def over(self, case, seconds=40):
        """It is seen to be over, and the case is about to close by itself."""
        wait_until(lambda: self.e.doctor(case["id"])["phase"] in ("verify", "closed"), f"{case['id']} is over", seconds)
        self.assertIn("over after", json.dumps(self.e.doctor(case["id"])["timeline"]))

    def only(self, case):
        others = [other for other in self.open_cases() if other["phase"] != "verify" and other["id"] != case["id"]]
        self.assertEqual(others, [], "nothing else is told")

    def test_a_quiet_cluster(self):
        self.ceph_ok()
        self.assertEqual([case for case in self.open_cases() if case["phase"] != "verify"], [])

    def test_quorum(self):
        self.ceph("kill", "mon.b", "mon.c")
        self.addCleanup(self.ceph, "start", "mon.b", "mon.c")
        case = self.broken("vega/mon-quorum/vega", "R13")
        self.assertEqual(case["remedy"]["commands"], ["systemctl start ceph-mon@b"])
        self.assertIn("one is enough", case["summary"])
        self.only(case)
        run = self.to("needs", "rados://vega/train/needs/", source=self.few())
        wait_until(lambda: self.e.run(run).get("caseId"), "the run has a case", 40)
        wait_until(lambda: self.e.run(run).get("caseId") == case["id"], "the run joined", 30)
        self.assertEqual(self.e.doctor(case["id"])["runs"], [run])
        # As it was said: one is enough.
        self.ceph("start", "mon.b")
        self.goes_on(run)
        wait_until(lambda: "over after" in json.dumps(self.e.doctor(case["id"])["timeline"]), "it is over", 30)

    def test_gateway(self):
        self.ceph("kill", "rgw.vega")
        self.addCleanup(self.ceph, "start", "rgw.vega")
        case = self.broken("rgw.vega/gateway/rgw.vega", "R59", 45)
        self.assertEqual(case["remedy"]["commands"], ["systemctl start ceph-radosgw.target"])
        self.only(case)
        self.ceph("start", "rgw.vega")
        self.over(case)

    def test_gateway_that_hangs(self):
        self.ceph("pause", "rgw.vega")
        self.addCleanup(self.ceph, "cont", "rgw.vega")
        case = self.broken("rgw.vega/gateway/rgw.vega", "R59", 60)
        self.only(case)
        self.ceph("cont", "rgw.vega")
        self.over(case)

    def roomy(self):
        for kind, ratio in (("full", "0.95"), ("backfillfull", "0.90"), ("nearfull", "0.85")):
            self.ceph("ceph", "osd", f"set-{kind}-ratio", ratio)

    def test_full(self):
        """The OSDs hold a little; that much is called full."""
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            for i in range(12):
                ioctx.write_full(f"ballast-{i}", b"x" * (4 << 20))
        self.addCleanup(self.roomy)
        for kind in ("nearfull", "backfillfull", "full"):
            self.ceph("ceph", "osd", f"set-{kind}-ratio", "0.002")
        case = self.broken("vega/osds-full", "R9", 60)
        self.only(case)
        self.roomy()
        self.over(case, 60)

    def test_paused(self):
        self.ceph("ceph", "osd", "set", "pause")
        self.addCleanup(self.ceph, "ceph", "osd", "unset", "pause")
        case = self.broken("vega/cluster/vega", "R16")
        self.assertEqual(case["remedy"]["commands"], ["ceph osd unset pause"])
        self.ceph("ceph", "osd", "unset", "pause")
        self.over(case)

    def test_osds_of_a_placement_group(self):
        self.osds_gone(1, 2)
        self.addCleanup(self.osds_back, 1, 2)
        case = self.broken("vega/pg-summary/vega", "R5", 60)
        self.assertEqual(sorted(case["remedy"]["commands"]), ["systemctl start ceph-osd@1", "systemctl start ceph-osd@2"])
        self.only(case)
        self.ceph("cont", "osd.1", "osd.2")
        self.over(case, 90)

    def test_manager(self):
        self.ceph("kill", "mgr.x")
        self.addCleanup(self.ceph, "start", "mgr.x")
        case = self.broken("vega/mgr/vega", "R63", 60)
        self.only(case)
        self.ceph("start", "mgr.x")
        self.over(case)


if __name__ == "__main__":
    main()
