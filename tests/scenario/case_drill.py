"""Drills that mend what they broke, and see the run go on by itself."""
import json
import pathlib
import subprocess

from drill import Drill
from harness import wait_until
from s3_request import s3_request


class CaseDrill(Drill):
    """The cluster alone."""

    def setUp(self):
        super().setUp()
        self.open_runs = []

    def tearDown(self):
        for run in self.open_runs:
            if self.e.run(run)["state"] not in ("done", "cancelled"):
                self.cancel(run)
        for run in self.open_runs:
            self.e.wait_run(run, "done", "cancelled", seconds=60)
        super().tearDown()

    def submit(self, name, *tasks):
        self.open_runs.append(self.e.submit(self.flow(name, tasks)))
        return self.open_runs[-1]

    def to(self, name, destination, source=None):
        self.open_runs.append(self.move(name, source or f"file:{self.dir}/many", destination))
        return self.open_runs[-1]

    @staticmethod
    def words_of(case):
        return json.dumps([case["summary"], case["findings"]], ensure_ascii=False)

    def named(self, run, rule, *words):
        case = self.drill(run, rule)
        for word in words:
            self.assertIn(word, self.words_of(case))
        return case

    def goes_on(self, run, seconds=90):
        self.e.wait_run(run, "done", seconds=seconds)

    def facts(self, entity_id):
        return (self.e.fact(entity_id) or {}).get("facts", {})

    def word(self, which, connection="vega"):
        return self.facts(f"{connection}/health/{connection}").get(which, {}).get("word")

    def ceph_ok(self):
        self.ceph("wait", "90")

    def osds_gone(self, *numbers):
        """They hang, and the monitors know it."""
        self.ceph("pause", *(f"osd.{n}" for n in numbers))
        self.ceph("ceph", "osd", "down", *map(str, numbers))
        wait_until(lambda: all(not self.facts(f"vega/osd/{n}").get("up", True) for n in numbers), f"OSDs {numbers} are down", 30)

    def osds_back(self, *numbers):
        self.ceph("cont", *(f"osd.{n}" for n in numbers))
        self.ceph_ok()

    def rgw_admin(self, *arguments):
        done = subprocess.run(["radosgw-admin", "-c", self.env["CEPH_CONF"], "-n", "client.rgw.vega", *arguments],
                              capture_output=True, text=True, check=False, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"radosgw-admin {arguments}: {done.stderr}")
        return done.stdout


class GatewayDrill(CaseDrill):
    """With a gateway, and buckets of its own."""

    with_rgw = True

    DATA, INDEX = "default.rgw.buckets.data", "default.rgw.buckets.index"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.endpoint = cls.env["SLUICE_LAB_S3_ENDPOINT"]
        cls.access, cls.secret = pathlib.Path(cls.env["SLUICE_LAB_S3_KEY_FILE"]).read_text().split()
        wait_until(lambda: ((cls.e.fact("rgw.vega/gateway/rgw.vega") or {}).get("facts", {}).get("placements")),
                   "the gateway tells where it keeps its buckets", 30)

    def s3(self, method, path, query="", body=b"", access=None, secret=None):
        status, answer = s3_request(self.endpoint, access or self.access, secret or self.secret, method, path, query, body)
        self.assertLess(status, 300, answer)
        return answer

    def bucket(self, name):
        self.s3("PUT", f"/{name}")
        return name

    def to_bucket(self, name, bucket, source=None, prefix="in"):
        return self.to(name, f"s3://rgw.vega/{bucket}/{prefix}/", source=source)

    def well(self):
        wait_until(lambda: self.facts("rgw.vega/gateway/rgw.vega").get("answers"), "the gateway answers", 30)

    def quota(self, scope, *limits, **whose):
        name = [f"--{key}={value}" for key, value in whose.items()]
        self.rgw_admin("quota", "set", f"--quota-scope={scope}", *name, *limits)
        self.rgw_admin("quota", "enable", f"--quota-scope={scope}", *name)

    def no_quota(self, scope, **whose):
        self.rgw_admin("quota", "disable", f"--quota-scope={scope}", *[f"--{key}={value}" for key, value in whose.items()])

    def begun(self, name, bucket):
        """A run that has its key and has begun to write, with much before it."""
        files = self.dir / "thousands"
        if not files.exists():
            self.make_files("thousands", 4000, 1024)
        run = self.to_bucket(name, self.bucket(bucket), source=f"file:{files}")
        wait_until(lambda: self.e.run(run).get("objectsDone", 0) > 0, "the first object is there", 60)
        return run
