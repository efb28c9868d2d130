"""What the scenarios share: a real laboratory, a real engine, and sluicectl as the only way in.

Nothing here sleeps for a fixed time: everything waits for a condition, with a limit and a name.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAB = ROOT / "tests" / "lab"
BIN = pathlib.Path(os.environ.get("SLUICE_BIN_DIR", ROOT / "build" / "release" / "bin"))
POLL_S = 0.1
PATIENCE = 4  # how much longer than on an idle machine anything may take


def wait_until(condition, what, seconds=30):
    """Calls `condition` until it returns something true; returns that. `seconds` is what an idle machine needs at most."""
    seconds *= PATIENCE
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(POLL_S)


class Ctl(Exception):
    """sluicectl ended with another code than 0."""

    def __init__(self, args, code, out, err):
        super().__init__(f"sluicectl {' '.join(args)}: exit {code}\n{out}\n{err}")
        self.code, self.out, self.err = code, out, err


class Engine:
    """One sluiced with a state folder of its own."""

    def __init__(self, config, state):
        self.config, self.state, self.process = config, pathlib.Path(state), None
        self.environment = {}  # beside that of the scenario

    def start(self, *arguments, seconds=15, descriptors=None):
        """`descriptors`: the engine may not hold more."""
        self.state.mkdir(parents=True, exist_ok=True)
        limit = None if descriptors is None else (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors)))
        log = open(self.state / "engine.out", "ab")
        self.process = subprocess.Popen(
            [BIN / "sluiced", "--config", self.config, "--state-dir", self.state, *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=limit,
            env={**os.environ, **self.environment})
        log.close()
        wait_until(self.answers, "the engine answers", seconds)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("sluiced ended: " + (self.state / "engine.out").read_text()[-2000:])
        try:
            if json.loads((self.state / "endpoint.json").read_text())["pid"] != self.process.pid:
                return False
            self.ctl("engine")
            return True
        except (OSError, ValueError, Ctl):
            return False

    def kill9(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15 * PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"sluiced did not end within {15 * PATIENCE} s of SIGTERM")
            if "still running" in (self.state / "engine.out").read_text(errors="replace"):
                raise AssertionError("sluiced ended before its workers")
        self.process = None

    def ctl(self, *arguments, timeout=60):
        """One JSON value of `sluicectl ARGS --json`; raises Ctl on another exit code than 0."""
        done = subprocess.run([BIN / "sluicectl", *arguments, "--json", "--state-dir", self.state],
                              capture_output=True, text=True, timeout=timeout * PATIENCE, check=False)
        if done.returncode != 0:
            raise Ctl([str(a) for a in arguments], done.returncode, done.stdout, done.stderr)
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        return json.loads(lines[-1]) if lines else {}

    # what scenarios ask for

    def submit(self, flow_file):
        return self.ctl("flow", "submit", str(flow_file))["run"]

    def run(self, run):
        return self.ctl("flow", "show", run)["run"]

    def task(self, run, name):
        for row in self.ctl("flow", "show", run)["tasks"]:
            if row["task"] == name:
                return row
        raise AssertionError(f"{run} has no task {name}")

    def wait_task(self, run, name, *states, seconds=60):
        def reached():
            row = self.task(run, name)
            if row["state"] in states:
                return row
            if row["state"] == "failed":
                raise AssertionError(f"{name} failed: {json.dumps(row.get('error'))}")
            return None
        return wait_until(reached, f"{run}/{name} is {' or '.join(states)}", seconds)

    def wait_run(self, run, *states, seconds=90):
        try:
            return wait_until(lambda: (lambda row: row if row["state"] in states else None)(self.run(run)),
                              f"{run} is {' or '.join(states)}", seconds)
        except AssertionError as e:
            raise AssertionError(f"{e}\n{json.dumps(self.ctl('flow', 'show', run), indent=1)[:6000]}") from None

    def doctor(self, run):
        return self.ctl("doctor", run)["case"]

    def finding(self, case, rule):
        for item in case["findings"]:
            if item["rule"] == rule:
                return item
        return None

    def estate(self, kind=None, connection=None):
        arguments = ["estate"]
        if kind:
            arguments += ["--kind", kind]
        if connection:
            arguments += ["--connection", connection]
        try:
            return self.ctl(*arguments)["entities"]
        except Ctl as error:
            if "NotFound" not in error.out:
                raise
            return []  # a connection that has not been reached yet is not known

    def fact(self, entity_id):
        connection, kind = entity_id.split("/")[:2]
        for row in self.estate(kind, connection):
            if row["id"] == entity_id:
                return row
        return None

    def wait_lease(self, connection="vega", seconds=30):
        wait_until(lambda: (self.fact(f"{connection}/connection/{connection}") or {}).get("facts", {}).get("canAct"),
                   f"the lease of {connection} is held", seconds)

    def wait_keys(self, *roles, seconds=30):
        def ready():
            rows = {row["role"]: row for row in self.ctl("keys", "list")["roles"]}
            return all(any(g["state"] == "current" for g in rows.get(role, {}).get("generations", [])) for role in roles)
        wait_until(ready, f"roles {roles} have a key", seconds)

    def reset_if_held_up(self, run):
        """Resets a run whose cause was removed, unless it went on by itself or does so meanwhile."""
        self.wait_run(run, "stalled", "failed", "done", seconds=60)
        if self.run(run)["state"] != "done":
            try:
                self.ctl("flow", "reset", run, "--yes", timeout=120)
            except Ctl as error:
                if "FailedPrecondition" not in error.out:
                    raise
        self.wait_run(run, "done", seconds=90)

    @contextlib.contextmanager
    def held(self, run, task, under_way):
        """Stops the task's worker as soon as `under_way` is true of its row, so that it is never quicker than whoever looks."""
        wait_until(lambda: under_way(self.task(run, task)), f"{task} is under way", 60)
        with self.stopped():
            yield

    @contextlib.contextmanager
    def stopped(self):
        """Stops the one worker that moves something."""
        [worker] = self.workers()
        os.kill(worker, signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGCONT)

    def workers(self):
        """Pids of the engine's children that run `sluice-worker move`."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    command = (entry / "cmdline").read_bytes().split(b"\0")
                    parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    if b"move" in command and command[0].endswith(b"sluice-worker") and self.process and parent == self.process.pid:
                        found.append(int(entry.name))
        return found


class ForeignClient:
    """Somebody else's process with a session of its own, ready to take locks at once."""

    PROGRAM = (
        "import rados,sys\n"
        "c=rados.Rados(conffile=sys.argv[1],name='client.admin'); c.connect(timeout=20)\n"
        "i=c.open_ioctx(sys.argv[2]); print('client.%d' % c.get_instance_id(),flush=True)\n"
        "for line in sys.stdin:\n"
        "    verb,name,lock=line.split()\n"
        "    if verb=='lock': i.lock_exclusive(name,lock,'foreign-cookie','a batch job')\n"
        "    else: i.unlock(name,lock,'foreign-cookie')\n"
        "    print(i.stat(name)[0],flush=True)\n")

    def __init__(self, conf, pool):
        self.process = subprocess.Popen(["/usr/bin/python3", "-c", self.PROGRAM, conf, pool],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            self.client = self._answer()
            if not self.client.startswith("client."):
                raise AssertionError("the foreign client has no session")
        except BaseException:
            self.die()
            raise

    def lock(self, name, lock="compact"):
        """Takes the exclusive lock; returns the object's size, 0 if the lock has made it."""
        return self._ask("lock", name, lock)

    def unlock(self, name, lock="compact"):
        return self._ask("unlock", name, lock)

    def _ask(self, verb, name, lock):
        self.process.stdin.write(f"{verb} {name} {lock}\n")
        self.process.stdin.flush()
        return int(self._answer())

    def _answer(self):
        readable, _, _ = select.select([self.process.stdout], [], [], 60 * PATIENCE)
        if not readable:
            self.die()
            raise AssertionError("the foreign client does not answer")
        return self.process.stdout.readline().strip()

    def die(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stdin.close()


class Scenario(unittest.TestCase):
    """Brings up one laboratory for all tests of a class."""

    with_luigi = False
    with_rgw = True
    pools = ()

    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="sl-"))
        try:
            if cls.with_luigi:
                cls.lab_run("sluice-lab", "--dir", cls.dir, "up")
            else:
                cls.lab_run("ceph-lab", "--dir", cls.dir, "up", *(() if cls.with_rgw else ("--no-rgw",)))
            cls.env = cls.read_env("sluice-lab" if cls.with_luigi else "ceph-lab")
            if cls.pools:
                cls.lab_run("ceph-lab", "--dir", cls.dir, "pool", *cls.pools)
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        if os.environ.get("KEEP"):
            return
        subprocess.run([LAB / "sluice-lab", "--dir", cls.dir, "down"], capture_output=True, check=False)
        shutil.rmtree(cls.dir, ignore_errors=True)

    @classmethod
    def lab_run(cls, tool, *arguments):
        done = subprocess.run([LAB / tool, *map(str, arguments)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{tool} {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    @classmethod
    def read_env(cls, tool):
        env = {}
        for line in cls.lab_run(tool, "--dir", cls.dir, "env").splitlines():
            match = re.match(r"export (\w+)=(.*)", line)
            if match:
                env[match.group(1)] = match.group(2).strip("'\"")
        return env

    def setUp(self):
        self.engines = []
        self.addCleanup(self.stop_engines)  # a test whose own setUp fails has begun some as well

    def stop_engines(self):
        self.tell_logs(*self.engines)
        with contextlib.ExitStack() as each:
            if self.engines and getattr(self, "env", None):
                each.callback(self.give_up_roles)
            for engine in self.engines:
                each.callback(engine.stop)

    def tell_logs(self, *engines):
        """What the engines said last, if this test has failed."""
        result = self._outcome.result
        if any(test is self for test, _ in result.errors + result.failures):
            for log in (engine.state / name for engine in engines for name in ("engine.out", "logs/sluiced.log")):
                with contextlib.suppress(OSError):
                    sys.stderr.write(f"--- {log}\n{log.read_text(errors='replace')[-6000:]}\n")

    def give_up_roles(self):
        """The engines of this test are gone for good: their roles belong to nobody any more."""
        with contextlib.suppress(Exception), self.rados() as cluster, cluster.open_ioctx("sluice") as ioctx:
            for item in ioctx.list_objects():
                if item.key.startswith("sluice.role."):
                    ioctx.remove_object(item.key)

    def engine(self, name="state", **overrides):
        config = self.dir / f"{name}.yaml"
        config.write_text(self.config(**overrides))
        engine = Engine(config, self.dir / name)
        self.engines.append(engine)
        return engine

    def config(self, stall_after="5s", overlap="3s", extra_connections="", extra_roles=""):
        env = self.env
        gateway = ""
        if self.with_rgw:
            gateway = (f"  rgw.vega: {{ type: s3, endpoint: \"{env['SLUICE_LAB_S3_ENDPOINT']}\", uid: lab, "
                       f"secretFile: \"{env['SLUICE_LAB_S3_KEY_FILE']}\" }}\n")
        luigi = ""
        if self.with_luigi and env.get("SLUICE_LAB_LUIGI_URL"):
            luigi = (f"  luigid: {{ type: luigi, url: \"{env['SLUICE_LAB_LUIGI_URL']}\", program: \"{env['SLUICE_LAB_LUIGI_PROGRAM']}\", "
                     f"pythonPath: \"{env['SLUICE_LAB_LUIGI_PYTHONPATH']}\" }}\n")
        return (f"profile: {{ name: scenario, colour: moss }}\n"
                f"connections:\n"
                f"  vega: {{ type: ceph, conf: \"{env['CEPH_CONF']}\", entity: client.sluice, keyring: \"{env['SLUICE_LAB_KEYRING']}\", "
                f"cephPool: sluice, gateways: [{'rgw.vega' if self.with_rgw else ''}], pollMs: 500 }}\n"
                f"{gateway}{luigi}{extra_connections}"
                f"roles:\n"
                f"  ingest: {{ connection: vega, entity: client.ingest, overlap: {overlap}, caps: {{ mon: \"allow r\", osd: \"allow rwx\" }} }}\n"
                f"{extra_roles}"
                f"defaults: {{ role: ingest, stallAfter: {stall_after}, inFlight: 16 }}\n")

    def ceph(self, *names):
        self.lab_run("ceph-lab", "--dir", self.dir, *names)

    def flow(self, name, tasks):
        """Writes a flow file. `tasks`: lines of YAML below `tasks:`."""
        path = self.dir / f"{name}.yaml"
        path.write_text(f"flow: {name}\ntasks:\n" + "".join(f"  {line}\n" for line in tasks))
        return path

    def make_files(self, folder, count, size, seed=1):
        """Files with bytes of their own, the same every time. Returns {relative name: bytes digest}."""
        path = self.dir / folder
        path.mkdir(parents=True, exist_ok=True)
        digests = {}
        for i in range(count):
            block = hashlib.sha256(f"{seed}/{i}".encode()).digest()
            data = (block * (size // len(block) + 1))[:size]
            (path / f"part-{i:05}").write_bytes(data)
            digests[f"part-{i:05}"] = hashlib.sha256(data).hexdigest()
        return digests

    @contextlib.contextmanager
    def rados(self):
        import rados  # Debian's python3-rados
        cluster = rados.Rados(conffile=self.env["CEPH_CONF"], name="client.admin")
        cluster.connect(timeout=20)
        try:
            yield cluster
        finally:
            cluster.shutdown()

    def pool_digests(self, pool, prefix=""):
        """{object name without prefix: sha256 of its bytes}"""
        with self.rados() as cluster, cluster.open_ioctx(pool) as ioctx:
            found = {}
            for item in ioctx.list_objects():
                if item.key.startswith(prefix):
                    size, _ = ioctx.stat(item.key)
                    digest, offset = hashlib.sha256(), 0
                    while offset < size:
                        piece = ioctx.read(item.key, 4 << 20, offset)
                        digest.update(piece)
                        offset += len(piece)
                    found[item.key[len(prefix):]] = digest.hexdigest()
            return found

    def bucket(self, name="catalog"):
        """A bucket of the laboratory's gateway as somebody else's client sees it."""
        import boto3  # Debian's python3-boto3
        access, secret = self.s3_key()
        session = boto3.session.Session(aws_access_key_id=access, aws_secret_access_key=secret, region_name="default")
        return session.resource("s3", endpoint_url=self.env["SLUICE_LAB_S3_ENDPOINT"]).Bucket(name)

    def s3_key(self):
        """Access key and secret of the laboratory's own user."""
        words = pathlib.Path(self.env["SLUICE_LAB_S3_KEY_FILE"]).read_text().split()
        return words[0], words[1]

    def bucket_digests(self, prefix="", name="catalog"):
        """{key without prefix: sha256 of its bytes}, read by boto3"""
        found = {}
        for item in self.bucket(name).objects.filter(Prefix=prefix):
            digest = hashlib.sha256()
            for piece in item.get()["Body"].iter_chunks(4 << 20):
                digest.update(piece)
            found[item.key[len(prefix):]] = digest.hexdigest()
        return found

    def auth_entities(self):
        """{entity: caps} as `ceph auth ls` has them."""
        told = self.lab_run("ceph-lab", "--dir", self.dir, "ceph", "auth", "ls", "--format", "json")
        return {row["entity"]: row["caps"] for row in json.loads(told)["auth_dump"]}

    def lock_and_die(self, pool, name, lock="compact"):
        """A foreign client takes the exclusive lock and is killed: the lock stays. Returns its client id."""
        foreign = ForeignClient(self.env["CEPH_CONF"], pool)
        self.assertEqual(foreign.lock(name, lock), 0, f"{name} was not there before")
        foreign.die()
        return foreign.client


def figure(text):
    """A measured figure: the check prints it again at its end."""
    print(f"\nfigure: {text}", flush=True)


def main():
    """Exit code 77: every test was skipped, and the reason stands in the output."""
    result = unittest.main(verbosity=2, exit=False).result
    for test, reason in result.skipped:
        print(f"SKIP   : {test}: {reason}", flush=True)
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(77 if result.testsRun == len(result.skipped) else 0)
