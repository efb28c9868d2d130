#!/usr/bin/python3
"""Stalls provoked at the cluster: quotas and space, copies, keys and rights, monitors, locks, fences."""
import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor

from harness import Ctl, ForeignClient, figure, main, wait_until
from drill import Drill


class Space:
    """A quota and full OSDs stop writes that are refused for them, and nothing else."""

    def quota(self, pool, limit, value, objects=6):
        with self.rados() as cluster, cluster.open_ioctx(pool) as ioctx:
            for i in range(objects):
                ioctx.write_full(f"there-{i}", b"x" * 1000)
        self.ceph("ceph", "osd", "pool", "set-quota", pool, limit, str(value))
        self.addCleanup(self.ceph, "ceph", "osd", "pool", "set-quota", pool, limit, "0")
        wait_until(lambda: self.fact("ceph-pool", pool).get("fullQuota"), f"{pool} is at its quota", 40)

    def full(self):
        """The OSDs hold a little; that much is called full."""
        with self.rados() as cluster, cluster.open_ioctx("plain") as ioctx:
            for i in range(12):
                ioctx.write_full(f"ballast-{i}", b"x" * (4 << 20))
        for kind in ("nearfull", "backfillfull", "full"):
            self.ceph("ceph", "osd", f"set-{kind}-ratio", "0.002")
        self.addCleanup(self.roomy)
        wait_until(lambda: self.fact("ceph-pool", "plain").get("full"), "the OSDs are full", 40)

    def roomy(self):
        for kind, ratio in (("full", "0.95"), ("backfillfull", "0.90"), ("nearfull", "0.85")):
            self.ceph("ceph", "osd", f"set-{kind}-ratio", ratio)
        wait_until(lambda: not self.fact("ceph-pool", "plain").get("full"), "there is room again", 40)

    def test_objects_quota_of_the_destination(self):
        self.quota("objects", "max_objects", 5)
        run = self.move("objects", self.few(), "rados://vega/objects/in/")
        case = self.drill(run, "R10")
        steps = json.dumps(case["remedy"]["steps"])
        self.assertIn("max_objects", steps)
        self.assertNotIn("max_bytes", steps)
        self.ceph("ceph", "osd", "pool", "set-quota", "objects", "max_objects", "0")
        self.e.wait_run(run, "done")
        self.assertEqual(self.e.task(run, "copy")["attempt"], 1, "it went on by itself")

    def test_bytes_quota_of_the_destination(self):
        self.quota("bytes", "max_bytes", 4000)
        run = self.move("bytes", self.few(), "rados://vega/bytes/in/")
        steps = json.dumps(self.drill(run, "R10")["remedy"]["steps"])
        self.assertIn("max_bytes", steps)
        self.assertNotIn("max_objects", steps)
        self.ceph("ceph", "osd", "pool", "set-quota", "bytes", "max_bytes", "0")
        self.e.wait_run(run, "done")

    def locked_below(self, *prefixes, pool="held"):
        """All four names below each prefix are locked by one client that died."""
        foreign = ForeignClient(self.env["CEPH_CONF"], pool)
        try:
            for name in (f"{prefix}part-{i:05}" for prefix in prefixes for i in range(4)):
                foreign.lock(name)
        finally:
            foreign.die()

    def test_quota_while_the_task_waits_for_a_lock(self):
        self.locked_below("a/", "b/")
        self.locked_below("c/")
        self.quota("held", "max_objects", 3)
        runs = [self.move(f"held-{folder}", self.few(), f"rados://vega/held/{folder}/") for folder in "abc"]
        case, same, other = (self.drill(run, "R18", "gone") for run in runs)
        self.assertEqual(self.finding(case, "R10")["verdict"], "unknown", "it will stop the next write")
        self.assertEqual(same["id"], case["id"], "one client that died is one outage, whatever it holds")
        self.assertNotEqual(other["id"], case["id"], "another client is another one")
        for run in runs:
            self.cancel(run)

    def test_quota_of_the_source(self):
        with self.rados() as cluster, cluster.open_ioctx("source") as ioctx:
            for i in range(4):
                ioctx.write_full(f"part-{i:05}", b"here")
        self.quota("source", "max_objects", 3, objects=0)
        self.locked_below("s/")
        run = self.move("source", "rados://vega/source", "rados://vega/held/s/")
        case = self.drill(run, "R18")
        self.assertEqual(self.finding(case, "R10")["verdict"], "refuted")
        self.cancel(run)

    def verify_later(self, name, pool):
        run = self.e.submit(self.flow(name, [
            f"copy: {{ move: {{ from: \"{self.few()}\", to: \"rados://vega/{pool}/{name}/\" }} }}",
            "gate: { needs: [copy], approve: { message: \"Now?\" } }",
            "check: { needs: [gate], verify: { of: copy } }"]))
        self.e.wait_task(run, "copy", "done")
        return run

    def test_verify_at_quota_while_too_few_copies_are_up(self):
        run = self.verify_later("few-copies", "two")
        self.quota("two", "max_objects", 3, objects=2)
        self.osds_down(0, 1)
        self.e.ctl("flow", "approve", run, "gate")
        case = self.drill(run, "R5")
        self.assertEqual(self.finding(case, "R10")["verdict"], "refuted", "it only reads")
        self.doCleanups()
        self.e.wait_run(run, "done", seconds=120)

    def test_verify_at_quota_while_the_osds_hang(self):
        run = self.verify_later("hung", "spare")
        self.quota("spare", "max_objects", 3, objects=2)
        self.ceph("ceph", "osd", "set", "nodown")
        self.ceph("pause", "osd.0", "osd.1", "osd.2")
        try:
            self.e.ctl("flow", "approve", run, "gate")
            # Nobody misses OSDs that hang together, so the maps go on saying that all is well.
            case = self.drill(run, "R2", also=("R5",))
            self.assertEqual(self.finding(case, "R10")["verdict"], "refuted")
        finally:
            self.ceph("cont", "osd.0", "osd.1", "osd.2")
            self.ceph("ceph", "osd", "unset", "nodown")
        self.doCleanups()
        self.e.wait_run(run, "done", seconds=120)

    def test_write_while_one_osd_hangs(self):
        self.ceph("ceph", "osd", "set", "nodown")
        self.ceph("pause", "osd.1")
        try:
            run = self.move("one-hangs", self.few(), "rados://vega/spare/one/")
            self.assertIn("osd.1", self.drill(run, "R2", also=("R5",))["summary"])
            # Those that wait for it are the ones that Ceph's alert names.
            slow = wait_until(lambda: (self.e.fact("vega/health-check/SLOW_OPS") or {}).get("facts"), "SLOW_OPS is raised", 60)
            self.assertNotIn("osd.1", slow["summary"])
            case = wait_until(lambda: (lambda seen: seen if "SLOW_OPS names" in json.dumps(self.finding(seen, "R2")) else None)(
                self.e.doctor(run)), "the alert is evidence", 40)
            self.assertEqual((case["rule"], self.finding(case, "R2")["broken"]), ("R2", ["vega/osd/1"]))
        finally:
            self.ceph("cont", "osd.1")
            self.ceph("ceph", "osd", "unset", "nodown")
        self.e.wait_run(run, "done", seconds=120)

    def test_listing_while_one_osd_hangs(self):
        with self.rados() as cluster, cluster.open_ioctx("spare") as ioctx:
            for i in range(20):
                ioctx.write_full(f"listed/{i}", b"x")
        self.ceph("ceph", "osd", "set", "nodown")
        self.ceph("pause", "osd.2")
        try:
            run = self.move("lists-hang", "rados://vega/spare/listed/", f"file:{self.dir}/listed")
            self.assertIn("osd.2", self.drill(run, "R2", also=("R5",))["summary"])
        finally:
            self.ceph("cont", "osd.2")
            self.ceph("ceph", "osd", "unset", "nodown")
        self.e.wait_run(run, "done", seconds=120)

    def test_full_osds(self):
        self.full()
        run = self.move("full", self.few(), "rados://vega/plain/in/")
        case = self.drill(run, "R9", also=("R0",))
        self.assertFalse([f for f in case["findings"] if f["rule"] == "R0" and "FULL" in f["title"]], "the alert is part of the cause")
        self.roomy()
        self.e.wait_run(run, "done")

    def test_full_osds_while_the_task_waits_for_a_lock(self):
        self.locked_below("f/", pool="plain")
        self.full()
        run = self.move("full-lock", self.few(), "rados://vega/plain/f/")
        case = self.drill(run, "R18", also=("R9",))
        self.assertEqual(self.finding(case, "R9")["verdict"], "unknown")
        # What makes nothing larger is allowed on full OSDs: the lease stays, a dead holder's lock is broken, a run is ended.
        first = self.lease()["until"]
        second = wait_until(lambda: (lambda until: until if until != first else None)(self.lease().get("until")), "the lease is renewed", 60)
        wait_until(lambda: self.lease().get("until") not in (first, second), "the lease is renewed again", 60)
        with ThreadPoolExecutor() as beside:
            reset = beside.submit(self.e.ctl, "flow", "reset", run, "--yes", timeout=120)
            wait_until(lambda: self.e.task(run, "copy")["attempt"] == 2, "the locks are broken and the next attempt starts", 60)
            self.drill(run, "R9", also=("R0",))
            self.roomy()
            with contextlib.suppress(Ctl):  # not verified, if the room came too late for it
                reset.result()
        self.e.wait_run(run, "done", seconds=120)

    def lease(self):
        facts = self.e.fact("vega/connection/vega")["facts"]
        self.assertTrue(facts["canAct"], facts)
        return facts["lease"]


class Copies:
    """Too few copies, of one object or of any part of what a listing goes through."""

    @classmethod
    def prepare_copies(cls):
        for pool in ("two", "from"):
            for name, value in (("size", "2"), ("min_size", "2")):
                cls.lab_run("ceph-lab", "--dir", cls.dir, "ceph", "osd", "pool", "set", pool, name, value)
        ceph = ("ceph-lab", "--dir", cls.dir, "ceph", "osd")
        cls.lab_run(*ceph, "erasure-code-profile", "set", "p21", "k=2", "m=1", "crush-failure-domain=osd")
        cls.lab_run(*ceph, "pool", "create", "coded", "8", "8", "erasure", "p21")
        cls.lab_run(*ceph, "pool", "set", "coded", "min_size", "3")
        cls.lab_run(*ceph, "pool", "application", "enable", "coded", "rados")
        with cls.rados(cls) as cluster, cluster.open_ioctx("from") as ioctx:
            for i in range(40):
                ioctx.write_full(f"day-1/part-{i:05}", b"x" * 5000)

    def listing(self, name, source):
        self.osds_down(1)
        run = self.move(name, source, f"rados://vega/to/{name}/")
        case = self.drill(run, "R5", "Ceph pool from")
        told = json.dumps(self.finding(case, "R5"))
        self.assertIn("osd.1", told)
        self.assertNotIn("active+clean", told)
        self.doCleanups()
        self.e.wait_run(run, "done", seconds=120)
        self.assertEqual(self.e.task(run, "copy")["attempt"], 1)

    def test_listing_a_prefix(self):
        self.listing("prefix", "rados://vega/from/day-1/")

    def test_listing_a_whole_ceph_pool(self):
        self.listing("whole", "rados://vega/from")

    def test_writing(self):
        self.osds_down(2)
        run = self.move("writing", self.few(), "rados://vega/two/w/")
        self.drill(run, "R5")
        self.doCleanups()
        self.e.wait_run(run, "done", seconds=120)

    def test_writing_to_an_erasure_coded_ceph_pool(self):
        wait_until(lambda: self.fact("pg-summary", "vega").get("inactive") == 0, "all placement groups serve", 60)
        self.osds_down(0)
        run = self.move("coded", self.few(), "rados://vega/coded/w/")
        self.drill(run, "R5")
        self.doCleanups()
        self.e.wait_run(run, "done", seconds=120)

    def test_reading_the_source_in_the_middle(self):
        with self.rados() as cluster, cluster.open_ioctx("from") as ioctx:
            for i in range(12):
                ioctx.write_full(f"big/part-{i:05}", b"x" * (24 << 20))
        run = self.move("reading", "rados://vega/from/big/", f"file:{self.dir}/out")
        with self.e.held(run, "copy", lambda row: row["bytesDone"] > 0):
            self.osds_down(0, 2)
        case = self.drill(run, "R5")
        self.assertIn("big/part-", json.dumps(self.finding(case, "R5")))
        self.doCleanups()
        self.e.wait_run(run, "done", seconds=120)

    def test_paused_by_a_flag(self):
        self.ceph("ceph", "osd", "set", "pause")
        try:
            run = self.move("paused", self.few(), "rados://vega/to/paused/")
            case = self.drill(run, "R16", also=("R5",))
            self.assertIn("ceph osd unset pause", case["remedy"]["steps"])
        finally:
            self.ceph("ceph", "osd", "unset", "pause")
        self.e.wait_run(run, "done", seconds=60)


class Keys:
    """The key, its rights and its limits."""

    roles = {"gone": "allow rwx", "other": "allow rwx", "blind": "allow rwx", "nox": "allow rw", "spaced": "allow rwx pool=limited namespace=team",
             "prefixed": "allow rwx pool=limited object_prefix day-1/", "lister": "allow rwx pool=limited, allow r pool=landed object_prefix day-1/",
             "reader": "allow rwx pool=limited"}

    @classmethod
    def prepare_keys(cls):
        with cls.rados(cls) as cluster, cluster.open_ioctx("landed") as ioctx:
            for i in range(4):
                ioctx.write_full(f"day-1/part-{i:05}", b"here")

    def renew_and_reset(self, run, role):
        self.e.ctl("keys", "renew", role, "--yes", timeout=60)
        current = [g for r in self.e.ctl("keys", "list")["roles"] if r["role"] == role for g in r["generations"] if g["state"] == "current"]
        self.assertEqual([g["entity"] for g in current], [f"client.{role}.g2"])
        case = self.drill(run, "R21")
        self.assertEqual(case["remedy"]["method"], "flow.reset", "the attempt still has the key of before")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)

    def test_entity_removed(self):
        self.ceph("ceph", "auth", "rm", "client.gone.g1")
        run = self.move("gone", self.few(), "rados://vega/landed/gone/", ", role: gone")
        case = self.drill(run, "R21")
        self.assertIn("client.gone.g1", case["summary"])
        self.assertEqual(case["remedy"]["method"], "keys.renew")
        with self.assertRaises(Ctl) as refused:
            self.e.ctl("keys", "rotate", "gone")
        self.assertIn("somebody removed client.gone.g1", str(refused.exception), "no plan that cannot be carried out")
        with self.assertRaises(Ctl) as refused:
            self.e.ctl("keys", "renew", "ingest", "--yes")
        self.assertIn("works", str(refused.exception), "a key that works is not given up")
        self.renew_and_reset(run, "gone")

    def test_entity_has_another_key(self):
        self.ceph("ceph", "auth", "rm", "client.other.g1")
        self.ceph("ceph", "auth", "get-or-create", "client.other.g1", "mon", "allow r", "osd", "allow rwx")
        run = self.move("other", self.few(), "rados://vega/landed/other/", ", role: other")
        case = self.drill(run, "R21", "another key")
        self.assertEqual(case["remedy"]["method"], "keys.renew")
        self.renew_and_reset(run, "other")

    def test_no_rights_on_the_monitors(self):
        self.ceph("ceph", "auth", "caps", "client.blind.g1", "osd", "allow rwx")
        run = self.move("blind", self.few(), "rados://vega/landed/blind/", ", role: blind")
        case = self.drill(run, "R21")
        self.assertIn("mon 'allow r'", json.dumps(case["remedy"]["steps"]))
        self.ceph("ceph", "auth", "caps", "client.blind.g1", "mon", "allow r", "osd", "allow rwx")
        self.e.wait_run(run, "done", seconds=60)

    def test_no_x_and_a_locked_object(self):
        foreign = ForeignClient(self.env["CEPH_CONF"], "landed")
        self.addCleanup(foreign.die)
        for i in range(4):
            foreign.lock(f"nox/part-{i:05}")
        run = self.move("nox", self.few(), "rados://vega/landed/nox/", ", role: nox")
        case = self.drill(run, "R21", "missing “x”")
        self.assertIn("lock", json.dumps(self.finding(case, "R21")))
        self.cancel(run)

    def apply(self, case):
        """Does what the remedy says, word by word. The task takes a new session now and then, so it goes on by itself."""
        command = case["remedy"]["steps"][0]
        self.assertTrue(command.startswith("ceph auth caps client."), command)
        mon = command.split(" mon '")[1].split("'")[0]
        osd = command.split(" osd '")[1].split("'")[0]
        self.ceph("ceph", "auth", "caps", command.split()[3], "mon", mon, "osd", osd)
        return osd

    def test_limited_to_a_namespace(self):
        run = self.move("spaced", self.few(), "rados://vega/limited/spaced/", ", role: spaced")
        osd = self.apply(self.drill(run, "R21"))
        self.assertIn('namespace=""', osd)
        self.e.reset_if_held_up(run)
        self.assertFalse(self.may_write(osd, "limited", "x", namespace="elsewhere"), "not all namespaces were opened")

    def may_write(self, osd, pool, name, namespace=""):
        """With a new entity of those caps."""
        import rados
        self.ceph("ceph", "auth", "rm", "client.probe")
        self.ceph("ceph", "auth", "get-or-create", "client.probe", "mon", "allow r", "osd", osd)
        with self.rados() as admin:
            _, out, _ = admin.mon_command(json.dumps({"prefix": "auth get-key", "entity": "client.probe"}), b"")
        client = rados.Rados(conffile=self.env["CEPH_CONF"], name="client.probe", conf={"key": out.decode().strip(), "keyring": "/dev/null"})
        client.connect(timeout=20)
        try:
            with client.open_ioctx(pool) as ioctx:
                ioctx.set_namespace(namespace)
                ioctx.write_full(name, b"x")
                return True
        except rados.PermissionError:
            return False
        finally:
            client.shutdown()

    def test_limited_to_another_prefix(self):
        run = self.move("prefixed", self.few(), "rados://vega/limited/day-2/", ", role: prefixed")
        osd = self.apply(self.drill(run, "R21"))
        self.assertTrue(self.may_write(osd, "limited", "day-2/x"))
        self.assertFalse(self.may_write(osd, "limited", "day-3/x"), "not all names were opened")
        self.e.reset_if_held_up(run)

    def test_a_prefix_does_not_let_list(self):
        run = self.move("lister", "rados://vega/landed/day-1/", "rados://vega/limited/lister/", ", role: lister")
        case = self.drill(run, "R21")
        self.assertNotIn("ceph auth caps", json.dumps(case["remedy"]))
        self.assertIn("day-1/", json.dumps(self.finding(case, "R21")))
        self.cancel(run)

    def test_no_right_to_read_the_source(self):
        run = self.move("reader", "rados://vega/landed/day-1/", "rados://vega/limited/reader/", ", role: reader")
        osd = self.apply(self.drill(run, "R21"))
        self.assertIn("allow r pool=landed", osd)
        self.e.reset_if_held_up(run)


class Holders:
    """Locks, fences and what a verification finds; at the end the monitors."""

    def test_dead_and_live_lock(self):
        self.lock_and_die("locked", "two/part-00000", "dead")
        foreign = ForeignClient(self.env["CEPH_CONF"], "locked")
        self.addCleanup(foreign.die)
        foreign.lock("two/part-00000", "live")
        run = self.move("two-locks", self.few(), "rados://vega/locked/two/")
        case = self.drill(run, "R18", "A live client")
        self.assertEqual(case["remedy"]["method"], "")
        told = case["findings"][0]["correction"]
        self.assertIn("cannot help", told)
        self.assertIn("dead", told)
        foreign.unlock("two/part-00000", "live")
        case = self.drill(run, "R18", "A client that is gone")
        self.assertEqual(case["remedy"]["method"], "flow.reset")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)

    def test_shared_lock_of_a_live_and_a_dead_client(self):
        program = "import rados,sys; c=rados.Rados(conffile=sys.argv[1],name='client.admin'); c.connect(timeout=20); i=c.open_ioctx('locked')\n"
        import subprocess
        dead = subprocess.Popen(["/usr/bin/python3", "-c", program + "i.lock_shared('sh/part-00001','l','c1','t'); print('x',flush=True); sys.stdin.read()",
                                 self.env["CEPH_CONF"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        dead.stdout.readline()
        dead.kill()
        dead.wait()
        dead.stdin.close()
        dead.stdout.close()
        with self.rados() as cluster, cluster.open_ioctx("locked") as ioctx:
            ioctx.lock_shared("sh/part-00001", "l", "c2", "t")
            run = self.move("shared", self.few(), "rados://vega/locked/sh/")
            self.assertEqual(self.drill(run, "R18", "A live client")["remedy"]["method"], "")
            ioctx.unlock("sh/part-00001", "l", "c2")
        self.cancel(run)

    def test_fenced_by_a_stranger(self):
        self.make_files("long", 2000, 32 * 1024, seed=3)
        run = self.move("fenced", f"file:{self.dir}/long", "rados://vega/locked/fenced/")
        [entity] = [g["entity"] for r in self.e.ctl("keys", "list")["roles"] if r["role"] == "ingest" for g in r["generations"] if g["state"] == "current"]
        with self.e.held(run, "copy", lambda row: row["objectsDone"] > 50):
            addresses = self.sessions_of(entity)
            self.assertTrue(addresses)
            for address in addresses:
                self.ceph("ceph", "osd", "blocklist", "add", address)
        case = self.drill(run, "R19")
        self.assertEqual(case["remedy"]["method"], "flow.reset")
        self.assertNotIn("Nothing: a newer", json.dumps(case))
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=120)

    def sessions_of(self, entity):
        found = set()
        for mon in "abc":
            for row in json.loads(self.lab_run("ceph-lab", "--dir", self.dir, "ceph", "tell", f"mon.{mon}", "sessions", "--format", "json")):
                if row["entity_name"] == entity:
                    address = row["socket_addr"]
                    found.add(f"{address['addr']}/{address['nonce']}")
        return found

    def remove_under(self, run, pool, again):
        with self.e.held(run, "copy", lambda row: row["objectsDone"] > 20):
            self.ceph("ceph", "osd", "pool", "rm", pool, pool, "--yes-i-really-really-mean-it")
            if again:
                self.lab_run("ceph-lab", "--dir", self.dir, "pool", pool)
        case = self.drill(run, "R1", f"There is no Ceph pool '{pool}' in vega any more")
        self.assertEqual(self.e.run(run)["state"], "failed")
        self.assertLess(len(case["summary"]), 600)
        self.assertNotIn("somebody else writes", json.dumps(case))

    def test_ceph_pool_of_the_destination_removed(self):
        self.make_files("doomed", 1000, 16 * 1024, seed=9)
        run = self.move("doomed", f"file:{self.dir}/doomed", "rados://vega/doomed/in/")
        self.remove_under(run, "doomed", again=True)
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=120)
        with self.rados() as cluster, cluster.open_ioctx("doomed") as ioctx:
            self.assertEqual(sum(1 for _ in ioctx.list_objects()), 1000, "what the old one had is copied again")

    def test_ceph_pool_of_the_source_removed(self):
        with self.rados() as cluster, cluster.open_ioctx("spent") as ioctx:
            for i in range(600):
                ioctx.write_full(f"part-{i:05}", b"x" * 5000)
        run = self.move("spent", "rados://vega/spent", f"file:{self.dir}/spent")
        self.remove_under(run, "spent", again=False)
        self.cancel(run)

    def test_failed_verify(self):
        run = self.e.submit(self.flow("verified", [
            f"copy: {{ move: {{ from: \"{self.few()}\", to: \"rados://vega/checked/v/\" }} }}",
            "gate: { needs: [copy], approve: { message: \"Now?\" } }",
            "check: { needs: [gate], verify: { of: copy } }"]))
        self.e.wait_task(run, "copy", "done")
        with self.rados() as cluster, cluster.open_ioctx("checked") as ioctx:
            ioctx.write_full("v/part-00001", b"somebody else's")
        self.e.ctl("flow", "approve", run, "gate")
        case = self.drill(run, "R1")
        self.assertEqual(case["remedy"]["method"], "", "a reset finds the same")
        self.assertIn("onExisting: replace", json.dumps(case["remedy"]["steps"]))
        self.cancel(run)

    def test_y_monitors_lost_while_a_lock_stands(self):
        self.lock_and_die("locked", "mon/part-00002")
        run = self.move("mon-lock", self.few(), "rados://vega/locked/mon/")
        self.drill(run, "R18", "A client that is gone")
        self.ceph("kill", "mon.b", "mon.c")
        try:
            wait_until(lambda: self.fact("mon-quorum", "vega").get("quorate") is False, "the loss of quorum is seen", 30)
            case = self.drill(run, "R18", "alive or gone", also=("R13",))
            self.assertIsNone(case["remedy"], "nothing is offered that cannot be done")
            asked = time.monotonic()
            with self.assertRaises(Ctl) as refused:
                self.e.ctl("flow", "reset", run, "--yes", timeout=60)
            figure(f"reset without quorum refused after {time.monotonic() - asked:.1f} s")
            self.assertIn("no monitor quorum", refused.exception.out + refused.exception.err)
            self.assertEqual(self.e.task(run, "copy")["attempt"], 1, "nothing was begun")
        finally:
            self.ceph("start", "mon.b", "mon.c")
        wait_until(lambda: self.fact("mon-quorum", "vega").get("quorate"), "the quorum is back", 60)
        self.drill(run, "R18", "A client that is gone")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)

    def test_z_monitors_and_engine_killed(self):
        self.make_files("slow", 3000, 16 * 1024, seed=5)
        run = self.move("all-gone", f"file:{self.dir}/slow", "rados://vega/locked/gone/")
        with self.e.held(run, "copy", lambda row: row["objectsDone"] > 20):
            self.ceph("kill", "mon.a", "mon.b", "mon.c")
            self.e.kill9()
        try:
            self.e.start()
            case = self.drill(run, "R13")
            self.assertNotIn("session it already had", json.dumps(case))
        finally:
            self.ceph("start", "mon.a", "mon.b", "mon.c")
        self.e.wait_run(run, "done", seconds=180)


class Cluster(Space, Copies, Keys, Holders, Drill):
    """All of them, on one laboratory. The monitors come last."""

    pools = ("objects", "bytes", "held", "source", "plain", "two", "spare", "from", "to", "landed", "limited", "locked", "checked", "doomed", "spent")
    roles = Keys.roles

    @classmethod
    def prepare(cls):
        cls.prepare_copies()
        cls.prepare_keys()


if __name__ == "__main__":
    main()
