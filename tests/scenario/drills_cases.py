#!/usr/bin/python3
"""Stalls provoked on the real cluster: gateways, the manager's old figures, health words, and which run stands in which case."""
import json

from case_drill import CaseDrill, GatewayDrill
from gateway_relay import GatewayRelay
from harness import main, wait_until


class Gateways(GatewayDrill):
    """What holds up a task that writes to a bucket."""

    # quotas

    def test_objects_quota_of_a_bucket(self):
        self.bucket("quota-1")
        self.quota("bucket", "--max-objects=5", bucket="quota-1")
        run = self.to_bucket("quota-1", "quota-1")
        case = self.named(run, "R32", "bucket quota-1", "QuotaExceeded")
        self.assertNotIn("user lab", self.e.finding(case, "R32")["title"])
        self.no_quota("bucket", bucket="quota-1")
        self.goes_on(run)

    def test_bytes_quota_of_a_bucket(self):
        self.bucket("quota-2")
        self.quota("bucket", "--max-size=100000", bucket="quota-2")
        run = self.to_bucket("quota-2", "quota-2")
        self.named(run, "R32", "bucket quota-2", "QuotaExceeded")
        self.no_quota("bucket", bucket="quota-2")
        self.goes_on(run)

    def test_objects_quota_of_the_user(self):
        self.bucket("quota-3")
        self.s3("PUT", "/quota-3/before", body=b"x")
        used = json.loads(self.rgw_admin("user", "stats", "--uid=lab", "--sync-stats"))["stats"]["num_objects"]
        self.quota("user", f"--max-objects={used}", uid="lab")
        try:
            run = self.to_bucket("quota-3", "quota-3")
            case = self.named(run, "R32", "QuotaExceeded")
            self.assertIn("user lab", self.words_of(case))
        finally:
            self.no_quota("user", uid="lab")
        self.goes_on(run, 90)

    def test_quota_every_bucket_of_the_user_has(self):
        self.bucket("quota-4")
        self.quota("bucket", "--max-objects=5", uid="lab")
        try:
            run = self.to_bucket("quota-4", "quota-4")
            self.named(run, "R32", "bucket quota-4", "QuotaExceeded")
        finally:
            self.no_quota("bucket", uid="lab")
        self.goes_on(run, 90)

    def test_ceph_pool_of_the_gateway_at_its_quota(self):
        for cephPool, limit in ((self.DATA, "max_objects"), (self.DATA, "max_bytes"), (self.INDEX, "max_objects")):
            with self.subTest(cephPool=cephPool, limit=limit):
                bucket = self.bucket("p-" + limit.replace("_", "-") + ("-i" if cephPool == self.INDEX else ""))
                self.s3("PUT", f"/{bucket}/something", body=b"x" * 1000)
                self.ceph("ceph", "osd", "pool", "set-quota", cephPool, limit, "1")
                wait_until(lambda: self.facts(f"vega/ceph-pool/{cephPool}").get("fullQuota"), "the Ceph pool is full by its quota", 30)
                try:
                    run = self.to_bucket(bucket, bucket)
                    case = self.named(run, "R10", cephPool, limit)
                    self.assertNotIn("writes to no Ceph pool", self.words_of(case))
                finally:
                    self.ceph("ceph", "osd", "pool", "set-quota", cephPool, limit, "0")
                self.goes_on(run, 120)
                self.well()

    # rights

    def test_bucket_policy_denies(self):
        bucket = self.bucket("denied")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
                                                          "Resource": f"arn:aws:s3:::{bucket}/*"}]}
        self.s3("PUT", f"/{bucket}", "policy", json.dumps(policy).encode())
        run = self.to_bucket("denied", bucket)
        self.named(run, "R60", "AccessDenied", bucket)
        self.s3("DELETE", f"/{bucket}", "policy")
        self.goes_on(run)

    def test_bucket_of_somebody_else(self):
        user = json.loads(self.rgw_admin("user", "create", "--uid=other", "--display-name=other"))["keys"][0]
        self.s3("PUT", "/foreign", access=user["access_key"], secret=user["secret_key"])
        run = self.to_bucket("foreign", "foreign")
        case = self.named(run, "R60", "foreign")
        self.assertIn("belongs to other", self.words_of(case))

    def test_reading_is_denied(self):
        bucket = self.bucket("unread")
        self.s3("PUT", f"/{bucket}/in/one", body=b"x" * 10000)
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
                                                          "Resource": f"arn:aws:s3:::{bucket}/*"}]}
        self.s3("PUT", f"/{bucket}", "policy", json.dumps(policy).encode())
        run = self.to("unread", "rados://vega/train/unread/", source=f"s3://rgw.vega/{bucket}/in/")
        self.named(run, "R60", bucket)
        self.s3("DELETE", f"/{bucket}", "policy")
        self.goes_on(run)

    def test_user_suspended(self):
        run = self.begun("suspended", "suspended")
        self.rgw_admin("user", "suspend", "--uid=lab")
        try:
            self.named(run, "R60", "suspended", "UserSuspended")
        finally:
            self.rgw_admin("user", "enable", "--uid=lab")
        self.goes_on(run, 120)

    def test_key_of_the_attempt_is_gone(self):
        run = self.begun("keyless", "keyless")
        keys = json.loads(self.rgw_admin("user", "info", "--uid=lab"))["keys"]
        mine = [k["access_key"] for k in keys if k["access_key"] != self.access]
        self.assertTrue(mine, "the attempt has a key of its own")
        for key in mine:
            self.rgw_admin("key", "rm", "--uid=lab", f"--access-key={key}")
        self.e.wait_run(run, "stalled", seconds=60)
        # RGW calls it by either word, as its caches have it: the second one alone names nothing.
        for _ in range(4):
            case = self.e.doctor(run)
            self.assertIn(case["rule"], ("R25", ""), self.words_of(case))
            self.assertIn("InvalidAccessKeyId" if case["rule"] else "the key of this attempt may be gone", self.words_of(case))
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.goes_on(run, 120)

    # the gateway and what is behind it

    def test_gateway_gone_is_one_case(self):
        first = self.begun("gone-1", "gone-1")
        second = self.begun("gone-2", "gone-2")
        self.ceph("kill", "rgw")
        try:
            one = self.named(first, "R59", "rgw.vega")
            other = self.named(second, "R59", "rgw.vega")
            wait_until(lambda: self.e.run(first)["caseId"] == self.e.run(second)["caseId"] != "", "one outage is one case", 15)
            self.assertEqual(self.e.doctor(second)["run"], second)
            self.assertEqual(self.e.doctor(first)["run"], first)
            self.assertIn("gone-2", self.words_of(self.e.doctor(second)))
            self.assertNotIn("gone-1", self.words_of(self.e.doctor(second)))
            self.assertTrue(one["remedy"] and other["remedy"])
            self.assertEqual(self.word("availability", "rgw.vega"), "unavailable")
            self.assertEqual(self.word("posture", "rgw.vega"), "urgent")
        finally:
            self.ceph("start", "rgw")
            self.well()
        self.goes_on(first, 120)
        self.goes_on(second, 120)

    def test_gateway_hangs(self):
        run = self.begun("hangs", "hangs")
        self.ceph("pause", "rgw")
        try:
            self.named(run, "R59", "rgw.vega")
        finally:
            self.ceph("cont", "rgw")
            self.well()
        self.goes_on(run, 120)

    def test_a_verification_meets_the_dead_gateway(self):
        run = self.submit("checked",
                          f"copy: {{ move: {{ from: \"file:{self.dir}/few\", to: \"s3://rgw.vega/{self.bucket('checked')}/in/\" }} }}",
                          "gate: { needs: [copy], approve: { message: \"go on?\" } }",
                          "check: { needs: [gate], verify: { of: copy } }")
        self.e.wait_task(run, "copy", "done")
        self.ceph("kill", "rgw")
        try:
            self.e.ctl("flow", "approve", run, "gate")
            self.named(run, "R59", "rgw.vega")
        finally:
            self.ceph("start", "rgw")
            self.well()
        self.goes_on(run, 120)

    def test_osds_behind_the_gateway(self):
        run = self.begun("osds", "osds")
        self.osds_gone(1, 2)
        try:
            self.named(run, "R5", "osd.1", "rgw.buckets")
        finally:
            self.osds_back(1, 2)
            self.well()
        self.goes_on(run, 120)


    def use(self, endpoint):
        """The engine starts again with the gateway there."""
        config = self.dir / "drills.yaml"
        before = self.facts("rgw.vega/gateway/rgw.vega")["endpoint"]
        self.e.stop()
        config.write_text(config.read_text().replace(before, endpoint))
        self.e.start()
        self.e.wait_lease()
        self.well()

    def test_the_gateway_fails_at_what_is_asked(self):
        bucket = self.bucket("past")
        for i in range(3):
            self.s3("PUT", f"/{bucket}/day/a{i}", body=b"x" * 10000)
        relay = GatewayRelay(self.endpoint)
        self.addCleanup(relay.stop)
        self.use(relay.endpoint)
        self.addCleanup(self.use, self.endpoint)
        reads = lambda method, path: method == "GET" and path.startswith("/past/day/")
        writes = lambda method, path: method == "PUT" and "/in/" in path
        for name, asked, trouble, word in (("slow", reads, (503, "SlowDown"), "answers with 503 SlowDown"),
                                           ("fails", writes, (500, "InternalError"), "answers with 500 InternalError"),
                                           ("held", reads, "hold", "does not answer what the task asks for")):
            with self.subTest(name):
                relay.fails(lambda method, path, asked=asked, trouble=trouble: trouble if asked(method, path) else None)
                run = (self.to(name, f"rados://vega/train/{name}/", source=f"s3://rgw.vega/{bucket}/day/") if asked is reads
                       else self.to_bucket(name, bucket, source=self.few()))
                case = self.drill(run, "R59", word)
                self.assertGreater(relay.met, 0)
                self.assertNotIn("lock", case["summary"])
                self.assertNotIn("ruled out", case["summary"])
                self.assertIn("goes on by itself", case["summary"])
                relay.passes()
                self.goes_on(run, 120)


class Cases(CaseDrill):
    """Which run stands in which case, and what the manager's figures are worth when it is gone."""

    with_rgw = False
    pools = ("one", "two", "three")

    def lock(self, pool, name):
        return self.lock_and_die(pool, name)

    def quota_on(self, pool):
        with self.rados() as cluster, cluster.open_ioctx(pool) as ioctx:
            for i in range(5):
                ioctx.write_full(f"there-{i}", b"x")
        self.ceph("ceph", "osd", "pool", "set-quota", pool, "max_objects", "2")
        wait_until(lambda: self.facts(f"vega/ceph-pool/{pool}").get("fullQuota"), "the Ceph pool is full by its quota", 30)

    def quota_off(self, pool):
        self.ceph("ceph", "osd", "pool", "set-quota", pool, "max_objects", "0")

    def case_of(self, run):
        return self.e.run(run)["caseId"]

    def test_one_quota_is_one_case(self):
        self.quota_on("one")
        try:
            first, second = (self.to(f"quota-{i}", f"rados://vega/one/quota-{i}/") for i in (1, 2))
            self.named(first, "R10", "one")
            self.named(second, "R10", "one")
            wait_until(lambda: self.case_of(first) == self.case_of(second) != "", "one outage is one case", 15)
        finally:
            self.quota_off("one")
        self.goes_on(first)
        self.goes_on(second)

    def test_two_outages_are_two_cases(self):
        self.quota_on("one")
        self.lock("two", "locked/part-00007")
        try:
            first = self.to("at-quota", "rados://vega/one/at-quota/")
            second = self.to("locked", "rados://vega/two/locked/")
            self.named(first, "R10", "one")
            case = self.named(second, "R18", "locked/part-00007")
            self.assertNotEqual(self.case_of(first), self.case_of(second))
            self.assertNotIn("vega/one", self.words_of(case))
            self.assertEqual(case["run"], second)
        finally:
            self.quota_off("one")
        self.e.ctl("flow", "reset", second, "--yes", timeout=120)
        self.goes_on(first)
        self.goes_on(second)

    def test_two_quotas_are_two_cases(self):
        self.quota_on("one")
        self.quota_on("three")
        try:
            first = self.to("q-one", "rados://vega/one/q-one/")
            second = self.to("q-three", "rados://vega/three/q-three/")
            self.named(first, "R10", "Ceph pool one")
            self.named(second, "R10", "Ceph pool three")
            self.assertNotEqual(self.case_of(first), self.case_of(second))
        finally:
            self.quota_off("one")
            self.quota_off("three")
        self.goes_on(first)
        self.goes_on(second)

    def test_min_size_of_two_ceph_pools_is_one_case(self):
        self.osds_gone(1, 2)
        try:
            first = self.to("small-1", "rados://vega/one/small/")
            second = self.to("small-2", "rados://vega/two/small/")
            self.named(first, "R5", "osd.1", "osd.2")
            self.named(second, "R5", "osd.1", "osd.2")
            wait_until(lambda: self.case_of(first) == self.case_of(second) != "", "one outage is one case", 15)
            self.assertIn("Ceph pool two" if "Ceph pool two" in self.words_of(self.e.doctor(second)) else "two/small", self.words_of(self.e.doctor(second)))
            self.assertNotIn("one/small", self.words_of(self.e.doctor(second)))
        finally:
            self.osds_back(1, 2)
        self.goes_on(first, 120)
        self.goes_on(second, 120)

    def manager_gone(self, how, back, name):
        with self.rados() as cluster, cluster.open_ioctx("one") as ioctx:
            for i in range(60):
                ioctx.write_full(f"{name}-before-{i}", b"x")
            wait_until(lambda: self.facts("vega/ceph-pool/one").get("objects", 0) >= 60, "the objects are counted", 30)
            self.ceph(how, "mgr.x")
            try:
                for i in range(20):
                    ioctx.write_full(f"{name}-after-{i}", b"x")
                self.osds_gone(1, 2)
                run = self.to(name, f"rados://vega/two/{name}/")
                case = self.named(run, "R5", "osd.1", "osd.2")
                self.assertNotIn("active+clean", self.words_of(case))
                wait_until(lambda: self.word("availability") == "unknown", "old figures give no good word", 30)
                time_of = lambda: self.facts("vega/ceph-pool/one").get("figuresAt", "")
                seen, row = time_of(), self.e.fact("vega/pg-summary/vega")["observedAt"]
                self.assertTrue(seen)
                looked = self.e.fact("vega/ceph-pool/one")["observedAt"]
                wait_until(lambda: self.e.fact("vega/ceph-pool/one")["observedAt"] > looked, "the Ceph pools are read again", 15)
                self.assertEqual(time_of(), seen, "figures of a dead manager get no younger")
                self.assertEqual(self.e.fact("vega/pg-summary/vega")["observedAt"], row)
            finally:
                self.ceph("cont", "osd.1", "osd.2")
                self.ceph(back, "mgr.x")
                self.ceph_ok()
        self.goes_on(run, 120)
        wait_until(lambda: self.word("availability") == "available", "the manager counts again", 60)

    def test_figures_of_a_dead_manager(self):
        self.manager_gone("kill", "start", "dead")

    def test_figures_of_a_manager_that_hangs(self):
        self.manager_gone("pause", "cont", "hung")

    def test_a_quota_is_found_without_a_manager(self):
        self.quota_on("three")
        self.ceph("kill", "mgr.x")
        try:
            run = self.to("no-mgr", "rados://vega/three/no-mgr/")
            self.named(run, "R10", "three")
        finally:
            self.ceph("start", "mgr.x")
            self.quota_off("three")
            self.ceph_ok()
        self.goes_on(run, 90)

    def test_a_lock_is_found_without_a_manager(self):
        self.lock("two", "nomgr/part-00003")
        self.ceph("kill", "mgr.x")
        try:
            run = self.to("nomgr", "rados://vega/two/nomgr/")
            case = self.named(run, "R18", "nomgr/part-00003")
            self.assertNotIn("active+clean", json.dumps(self.e.finding(case, "R5")))
        finally:
            self.ceph("start", "mgr.x")
            self.ceph_ok()
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.goes_on(run, 90)

    def test_a_single_copy_that_is_gone(self):
        self.ceph("ceph", "osd", "pool", "create", "single", "8", "8")
        self.ceph("ceph", "osd", "pool", "application", "enable", "single", "rados")
        self.ceph("ceph", "osd", "pool", "set", "single", "size", "1", "--yes-i-really-mean-it")
        self.ceph("ceph", "osd", "pool", "set", "single", "min_size", "1")
        try:
            wait_until(lambda: self.facts("vega/ceph-pool/single").get("size") == 1, "the Ceph pool is seen", 30)
            self.osds_gone(0, 1)
            try:
                run = self.to("single", "rados://vega/single/in/")
                self.named(run, "R5", "osd.0")
                wait_until(lambda: self.word("availability") in ("partly", "unavailable"), "its data cannot be used", 30)
                wait_until(lambda: self.word("redundancy") == "none left", "nothing is left of it", 30)
                self.assertNotEqual(self.word("posture"), "in order")
            finally:
                self.ceph("cont", "osd.0", "osd.1")
                wait_until(lambda: all(self.facts(f"vega/osd/{i}").get("up") for i in range(3)), "all OSDs are up", 60)
            self.goes_on(run, 90)
        finally:
            self.ceph("ceph", "osd", "pool", "rm", "single", "single", "--yes-i-really-really-mean-it")
            self.ceph_ok()

    def test_an_erasure_coded_ceph_pool_with_one_osd_down(self):
        self.ceph("ceph", "osd", "erasure-code-profile", "set", "two-one", "k=2", "m=1")
        self.ceph("ceph", "osd", "pool", "create", "coded", "8", "8", "erasure", "two-one")
        self.ceph("ceph", "osd", "pool", "application", "enable", "coded", "rados")
        self.ceph("ceph", "osd", "pool", "set", "coded", "min_size", "3")
        try:
            self.ceph_ok()
            wait_until(lambda: self.facts("vega/ceph-pool/coded").get("dataChunks") == 2, "its profile is read", 30)
            self.osds_gone(2)
            try:
                run = self.to("coded", "rados://vega/coded/in/")
                self.named(run, "R5", "osd.2")
                wait_until(lambda: self.word("redundancy") == "none left", "it endures no further loss", 30)
            finally:
                self.osds_back(2)
            self.goes_on(run)
        finally:
            self.ceph("ceph", "osd", "pool", "rm", "coded", "coded", "--yes-i-really-really-mean-it")


if __name__ == "__main__":
    main()
