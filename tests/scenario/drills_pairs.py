#!/usr/bin/python3
"""Stalls with two faults at once, of which one holds the task up, and faults whose usual remedy would not help."""
import subprocess

from case_drill import GatewayDrill
from harness import Ctl, main, wait_until


class Pairs(GatewayDrill):
    """One laboratory, with a gateway."""

    pools = ("two", "three", "shared")

    # the gateway, and what stands behind it

    def pool_at_quota(self):
        self.ceph("ceph", "osd", "pool", "set-quota", self.DATA, "max_objects", "1")
        self.addCleanup(self.ceph, "ceph", "osd", "pool", "set-quota", self.DATA, "max_objects", "0")
        wait_until(lambda: self.facts(f"vega/ceph-pool/{self.DATA}").get("fullQuota"), "the Ceph pool is full by its quota", 30)

    def gateway_killed(self):
        self.ceph("kill", "rgw")
        self.addCleanup(self.well)
        self.addCleanup(self.ceph, "start", "rgw")

    def test_gateway_killed_while_its_ceph_pool_is_at_its_quota(self):
        self.bucket("both-quota")
        self.s3("PUT", "/both-quota/there", body=b"x" * 1000)
        self.pool_at_quota()
        self.gateway_killed()
        run = self.to_bucket("both-quota", "both-quota", source=self.few())
        case = self.named(run, "R59", "rgw.vega")
        self.assertEqual(self.e.finding(case, "R10")["verdict"], "unknown", "it will stop the next write")
        self.ceph("start", "rgw")
        wait_until(lambda: self.e.doctor(run)["rule"] != "R59", "the gateway is there again", 40)
        self.named(run, "R10", self.DATA)
        self.doCleanups()
        self.goes_on(run, 120)

    def test_gateway_killed_while_osds_behind_it_are_down(self):
        run = self.begun("both-osds", "both-osds")
        self.gateway_killed()
        self.osds_gone(1, 2)
        try:
            case = self.named(run, "R59", "rgw.vega")
            self.assertEqual(self.e.finding(case, "R5")["verdict"], "unknown")
        finally:
            self.osds_back(1, 2)
        self.doCleanups()
        self.goes_on(run, 120)

    def test_bucket_and_ceph_pool_at_their_quota(self):
        self.bucket("two-quotas")
        self.s3("PUT", "/two-quotas/there", body=b"x" * 1000)
        self.quota("bucket", "--max-objects=1", bucket="two-quotas")
        self.pool_at_quota()
        run = self.to_bucket("two-quotas", "two-quotas", source=self.few())
        case = self.named(run, "R32", "QuotaExceeded")
        self.assertEqual(self.e.finding(case, "R10")["verdict"], "unknown")
        self.no_quota("bucket", bucket="two-quotas")
        wait_until(lambda: self.e.doctor(run)["rule"] != "R32", "the write is tried again", 40)
        self.named(run, "R10", self.DATA)
        self.doCleanups()
        self.goes_on(run, 120)

    def test_paused_behind_the_gateway(self):
        run = self.begun("paused", "paused")
        self.ceph("ceph", "osd", "set", "pause")
        try:
            case = self.named(run, "R16", "pausewr")
            self.assertIn("ceph osd unset pause", case["remedy"]["steps"])
        finally:
            self.ceph("ceph", "osd", "unset", "pause")
            self.well()
        self.goes_on(run, 120)

    def test_bucket_removed_under_two_runs(self):
        first = self.begun("gone-1", "removed")
        second = self.to_bucket("gone-2", "removed", source=f"file:{self.dir}/thousands", prefix="other")
        wait_until(lambda: self.e.run(second).get("objectsDone", 0) > 0, "the first object is there", 60)
        self.rgw_admin("bucket", "rm", "--bucket=removed", "--purge-objects", "--bypass-gc")
        for run in (first, second):
            case = self.named(run, "R1", "There is no bucket 'removed' at rgw.vega")
            self.assertLess(len(case["summary"]), 600)
            self.assertNotIn("somebody else", self.words_of(case))
        wait_until(lambda: self.e.run(first)["caseId"] == self.e.run(second)["caseId"] != "", "one outage is one case", 15)

    # OSDs

    def test_an_osd_that_is_out(self):
        self.ceph("ceph", "osd", "out", "1")
        self.addCleanup(self.ceph, "ceph", "osd", "in", "1")
        self.ceph("ceph", "osd", "pool", "create", "thin", "8", "8")
        self.ceph("ceph", "osd", "pool", "application", "enable", "thin", "rados")
        self.ceph("ceph", "osd", "pool", "set", "thin", "min_size", "3")
        wait_until(lambda: self.facts("vega/osd/1").get("in") is False, "osd.1 is out", 30)
        run = self.to("out", "rados://vega/thin/in/", source=self.few())
        case = self.named(run, "R5", "osd.1 of vega is up, but out")
        self.assertNotIn("Start", case["summary"])
        [step] = [one for one in case["remedy"]["steps"] if one.startswith("ceph osd in")]
        self.ceph(*step.split())
        self.goes_on(run)
        self.ceph("ceph", "osd", "pool", "rm", "thin", "thin", "--yes-i-really-really-mean-it")
        self.ceph_ok()

    def test_an_osd_that_may_not_come_up(self):
        self.ceph("ceph", "osd", "pool", "set", "three", "min_size", "3")
        self.ceph("ceph", "osd", "set", "noup")
        self.ceph("ceph", "osd", "down", "1")
        wait_until(lambda: self.facts("vega/osd/1").get("up") is False, "osd.1 is down", 30)
        try:
            run = self.to("noup", "rados://vega/three/in/", source=self.few())
            case = self.named(run, "R5", "has the flag noup")
            self.assertTrue([one for one in case["remedy"]["steps"] if one.endswith("ceph osd unset noup")])
        finally:
            self.ceph("ceph", "osd", "unset", "noup")
            self.ceph("ceph", "osd", "pool", "set", "three", "min_size", "2")
        self.goes_on(run)
        self.ceph_ok()

    def test_osds_that_hang_while_the_task_waits_for_a_lock(self):
        self.lock_and_die("two", "hang/part-00001")
        run = self.to("hang", "rados://vega/two/hang/", source=self.few())
        self.named(run, "R18")
        self.ceph("ceph", "osd", "set", "nodown")
        self.ceph("pause", "osd.0", "osd.1", "osd.2")
        try:
            # What was said of the lock before is not what it waits for.
            wait_until(lambda: self.e.doctor(run)["rule"] == "R2", "the silent OSDs are named", 40)
            case = self.named(run, "R2", "osd.0")
            self.assertNotEqual(self.e.finding(case, "R18")["verdict"], "refuted")
        finally:
            self.ceph("cont", "osd.0", "osd.1", "osd.2")
            self.ceph("ceph", "osd", "unset", "nodown")
        wait_until(lambda: self.e.doctor(run)["rule"] == "R18", "the lock is there still", 40)
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.goes_on(run)

    def plans_no_rotation(self):
        try:
            self.e.ctl("keys", "rotate", "ingest")
        except Ctl as refused:
            return "do not allow it" in refused.out + refused.err
        return False

    def test_an_engine_that_lost_its_rights(self):
        self.lock_and_die("two", "rights/part-00001")
        run = self.to("rights", "rados://vega/two/rights/", source=self.few())
        self.named(run, "R18")
        caps = self.auth_entities()["client.sluice"]
        self.ceph("ceph", "auth", "caps", "client.sluice", "mon", "allow r", "osd", caps["osd"], "mgr", caps["mgr"])
        try:
            wait_until(self.plans_no_rotation, "the engine's session has the new rights", 60)
            with self.assertRaises(Ctl):
                self.e.ctl("flow", "reset", run, "--yes", timeout=60)
            connection = self.facts("vega/connection/vega")
            self.assertFalse(connection["canAct"], "what was tried and refused is not possible")
            self.assertIn("no right", connection["whyNot"])
            with self.assertRaises(Ctl) as refused:
                self.e.ctl("flow", "reset", run, "--yes", timeout=60)
            self.assertIn("gave this engine no right to its last change", refused.exception.out + refused.exception.err)
        finally:
            self.ceph("ceph", "auth", "caps", "client.sluice", *(word for service in caps.items() for word in service))
            self.e.stop()
            self.e.start()
            self.e.wait_lease()
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.goes_on(run)

    # several tasks of one run

    def test_two_tasks_that_wait_for_different_things(self):
        tiny = self.dir / "tiny"
        tiny.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", tiny], capture_output=True, check=False).returncode != 0:
            self.skipTest("no file system may be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", tiny], check=False)
        self.lock_and_die("two", "held/part-00001")
        run = self.submit("different", f"a: {{ move: {{ from: \"{self.few()}\", to: \"rados://vega/two/held/\" }} }}",
                          f"b: {{ move: {{ from: \"file:{self.dir}/many\", to: \"file:{tiny}\" }} }}")
        wait_until(lambda: all(self.e.task(run, name)["state"] == "stalled" for name in "ab"), "both wait", 40)
        case = self.e.doctor(run)
        confirmed = {item["rule"] for item in case["findings"] if item["verdict"] == "confirmed"}
        self.assertEqual(confirmed, {"R18", "R62"}, self.words_of(case))
        self.assertIn("the file system is full", self.words_of(case))

    def test_ceph_pool_removed_under_two_runs(self):
        self.make_files("doomed", 2000, 8192, seed=9)
        runs = [self.to(f"doomed-{i}", f"rados://vega/shared/{i}/", source=f"file:{self.dir}/doomed") for i in (1, 2)]
        wait_until(lambda: all(self.e.run(run).get("objectsDone", 0) > 20 for run in runs), "both have begun", 60)
        self.ceph("ceph", "osd", "pool", "rm", "shared", "shared", "--yes-i-really-really-mean-it")
        for run in runs:
            self.named(run, "R1", "There is no Ceph pool 'shared' in vega any more")
        wait_until(lambda: self.e.run(runs[0])["caseId"] == self.e.run(runs[1])["caseId"] != "", "one outage is one case", 15)


if __name__ == "__main__":
    main()
