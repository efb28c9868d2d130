#!/usr/bin/python3
"""Other users, broken programs and mistaken hands at the engine's door: the owner is served all the time.

No cluster is needed. `SLUICE_ATTACK_SECONDS=60` attacks for a minute instead of ten seconds.
"""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import resource
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import BIN, PATIENCE, Ctl, Engine, figure, main, wait_until
from wire_client import Closed, WireClient

SECONDS = int(os.environ.get("SLUICE_ATTACK_SECONDS", "10"))
NOBODY = 65534


def connect(port):
    connection = socket.socket()
    connection.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        connection.connect(("127.0.0.1", port))
    return connection


def attack(port, silent, per_second, again, ready):
    """Holds `silent` connections that say nothing (`again`: those that are refused are opened again every second), and
    opens `per_second` more and leaves them. For ever. Runs as a process of its own."""
    held, fresh = [connect(port) for _ in range(silent)], []
    begin = time.monotonic()
    opened = 0
    while True:
        if again:
            poll = select.poll()
            for connection in held:
                poll.register(connection, select.POLLIN)
            gone = {descriptor for descriptor, _ in poll.poll(0)}
            for connection in held:
                if connection.fileno() in gone:
                    connection.close()
            held = [c for c in held if c.fileno() >= 0]
            held += [connect(port) for _ in range(silent - len(held))]
        due = int((time.monotonic() - begin) * per_second) - opened
        for _ in range(max(0, due)):
            fresh.append(connect(port))
            opened += 1
        while len(fresh) > 200:
            fresh.pop(0).close()
        if ready:
            os.write(ready, b"1")
            os.close(ready)
            ready = None
        time.sleep(0.01 if per_second else 1)  # the pace of the attack, not a wait for anything


def flood(port, frames, ready):
    """Holds 32 WebSockets that are never identified, and sends as many frames as are taken; what is cut off comes again."""
    request = ("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode()
    rest = {connect(port): request for _ in range(32)}
    while True:
        for connection in select.select([], list(rest), [], 1)[1]:
            try:
                sent = connection.send(rest[connection])
                rest[connection] = rest[connection][sent:] or frames
            except BlockingIOError:
                pass
            except OSError:
                connection.close()
                del rest[connection]
                rest[connect(port)] = request
        if ready:
            os.write(ready, b"1")
            os.close(ready)
            ready = None


PINGS = b"\x89\x80\0\0\0\0" * 10_000
PIECES = b"\x01\x80\0\0\0\0" + b"\0\x80\0\0\0\0" * 10_000


class UnderAttack(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="sl-"))
        self.attackers = []
        (self.dir / "sluice.yaml").write_text("profile: { name: attacked }\n")
        self.e = Engine(self.dir / "sluice.yaml", self.dir / "state")

    def tearDown(self):
        for pid in self.attackers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        self.e.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def port(self):
        return int(json.loads((self.e.state / "endpoint.json").read_text())["url"].rsplit(":", 1)[1])

    def start_attacker(self, uid, silent, per_second, again=False):
        self.begin_attack(uid, lambda port, ready: attack(port, silent, per_second, again, ready))

    def begin_attack(self, uid, how):
        reader, writer = os.pipe()
        port = self.port()
        pid = os.fork()
        if pid == 0:
            try:
                os.close(reader)
                hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
                hard = max(hard, 8192) if os.geteuid() == 0 else hard
                resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
                if uid is not None:
                    os.setgroups([])
                    os.setresgid(uid, uid, uid)
                    os.setresuid(uid, uid, uid)
                how(port, writer)
            finally:
                os._exit(1)
        os.close(writer)
        self.attackers.append(pid)
        self.assertEqual(os.read(reader, 1), b"1", "the attack has begun")
        os.close(reader)

    def measure(self, seconds, also=None):
        """Asks as the owner for so long; the worst time of `sluicectl estate`, and how often it was asked."""
        worst, count, end = 0.0, 0, time.monotonic() + seconds
        while time.monotonic() < end or count < 3:
            begin = time.monotonic()
            self.e.ctl("estate", timeout=30)
            worst = max(worst, time.monotonic() - begin)
            count += 1
            if also:
                also(count)
        return worst, count

    def flow(self, name, task="gate"):
        path = self.dir / f"{name}.yaml"
        path.write_text(f"flow: {name}\ntasks:\n  {task}: {{ approve: {{ message: go }} }}\n")
        return path

    def attacked(self, uid, silent, per_second, what):
        calm, _ = self.measure(2)
        self.start_attacker(uid, silent, 0, again=uid is not None)
        self.start_attacker(uid, 0, per_second)
        runs = []
        path = self.flow("under-attack")
        # A submit opens files and starts threads: with no descriptor left it would be the end of the engine.
        worst, count = self.measure(SECONDS, lambda n: runs.append(self.e.submit(path)) if n % 20 == 1 else None)
        for pid in self.attackers:
            self.assertEqual(os.waitpid(pid, os.WNOHANG), (0, 0), "the attack went on to the end")
        held = len(list(pathlib.Path(f"/proc/{self.e.process.pid}/fd").iterdir()))
        figure(f"{what}: {silent} silent connections and {per_second} new ones a second for {SECONDS} s: "
               f"worst `sluicectl estate` {worst:.2f} s of {count} ({calm:.2f} s before), the engine held {held} of 1024 descriptors")
        self.assertLess(worst, 2 * PATIENCE)
        self.assertLess(held, 900)
        self.assertEqual([self.e.run(run)["state"] for run in runs], [self.e.run(runs[0])["state"]] * len(runs))
        self.assertTrue(runs)

    @unittest.skipIf(os.geteuid() != 0, "only root can attack as another user; tst_rpc_listener has the same with a told user")
    def test_a_flood_of_another_user(self):
        self.e.start(descriptors=1024)
        self.attacked(NOBODY, 3000, 1000, "another user")

    def test_frames_of_strangers_keep_nobody_out(self):
        self.e.start(descriptors=1024)
        for what, frames in (("pings", PINGS), ("pieces of nothing", PIECES)):
            uid = NOBODY if os.geteuid() == 0 else None
            self.begin_attack(uid, lambda port, ready, frames=frames: flood(port, frames, ready))
            worst, count = self.measure(min(SECONDS, 5))
            pid = self.attackers.pop()
            self.assertEqual(os.waitpid(pid, os.WNOHANG), (0, 0), "the attack went on to the end")
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            figure(f"32 WebSockets of a stranger that send {what}: worst `sluicectl estate` {worst:.2f} s of {count}")
            self.assertLess(worst, 2 * PATIENCE)

    def test_silent_connections_of_the_owners_programs(self):
        self.e.start(descriptors=1024)
        self.attacked(None, 1000, 300, "the owner's own programs")

    def test_bare_websockets_do_not_shut_the_owner_out(self):
        self.e.start(descriptors=1024)
        bare = [WireClient(self.port()) for _ in range(300)]
        self.assertTrue(self.e.ctl("engine"))
        for client in bare:
            client.close()

    def test_a_dead_engines_port_learns_nothing(self):
        self.e.start()
        token, port = (self.e.state / "token").read_text().strip(), self.port()
        endpoint = json.loads((self.e.state / "endpoint.json").read_text())
        self.e.kill9()
        with FakeEngine(port, endpoint["engineId"]) as fake:
            with self.assertRaises(Ctl) as refused:
                self.e.ctl("estate")
            self.assertEqual(refused.exception.code, 3)
            self.assertIn("has ended", refused.exception.err)
            self.assertEqual(fake.received, b"", "nobody connected")
            # And if the file named a process that lives: a proof is asked for before anything is said.
            stat = pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()
            endpoint.update(pid=os.getpid(), startTicks=stat[19])
            (self.e.state / "endpoint.json").write_text(json.dumps(endpoint))
            with self.assertRaises(Ctl) as refused:
                self.e.ctl("estate")
            self.assertEqual(refused.exception.code, 4)
            self.assertIn("has not proved to be the engine", refused.exception.err)
            self.assertIn(b"identify", fake.received)
            for form in (token.encode(), bytes.fromhex(token), base64.b64encode(token.encode())):
                self.assertNotIn(form, fake.received)

    def test_every_start_has_a_token_of_its_own(self):
        tokens = set()
        for _ in range(3):
            self.e.start()
            path = self.e.state / "token"
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            tokens.add(path.read_text())
            client = WireClient(self.port())
            with self.assertRaises(Closed) as refused:
                client.identify("0" * 64)
            self.assertEqual(refused.exception.code, 4002)
            client.close()
            client = WireClient(self.port())
            client.send_text(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "identify", "params": {
                "protocol": 1, "token": path.read_text().strip(), "client": "old"}}).encode())
            with self.assertRaises(Closed) as refused:
                client.receive()
            self.assertEqual(refused.exception.code, 4010)
            self.assertIn("never sent", refused.exception.reason)
            client.close()
            self.e.kill9()
        self.assertEqual(len(tokens), 3)

    def test_a_request_id_stands_for_its_parameters(self):
        self.e.start()
        one, other = self.flow("one"), self.flow("other")
        run = self.e.ctl("flow", "submit", one, "--request-id", "q1")["run"]
        approved = self.e.ctl("flow", "submit", self.flow("two"), "--request-id", "q2")["run"]
        self.e.wait_task(run, "gate", "running", "ready", "waiting")
        self.e.ctl("flow", "approve", run, "gate", "--request-id", "q3")
        for restarted in (False, True):
            if restarted:
                self.e.kill9()
                self.e.start()
            for arguments in (("submit", other, "--request-id", "q1"), ("approve", approved, "gate", "--request-id", "q3"),
                              ("approve", run, "gate", "--request-id", "q3", "--reason", "other"),
                              ("approve", run, "gate", "--request-id", "q1"),
                              ("cancel", approved, "--yes", "--request-id", "q2")):
                with self.assertRaises(Ctl) as refused:
                    self.e.ctl("flow", *arguments)
                self.assertEqual(refused.exception.code, 4, refused.exception)
                self.assertIn("Nothing was done", refused.exception.err)
            self.assertEqual(self.e.ctl("flow", "submit", one, "--request-id", "q1")["run"], run)
        self.assertEqual({row["flow"] for row in self.e.ctl("flow", "list")["runs"]}, {"one", "two"})
        self.assertNotIn(self.e.run(approved)["state"], ("done", "cancelled"))

    def test_tiny_values_are_counted_before_they_are_built(self):
        self.e.start()
        for encoding, message in (("cbor", b"\xa1\x61a\x9a\x00\xe0\x00\x00" + b"\x01" * 0xe00000),
                                  ("json", b'{"a":[' + b"1," * 7_000_000 + b"1]}")):
            client = WireClient.of(self.e.state)
            if encoding == "cbor":
                client.close()
                client = WireClient(self.port())
                # Its answer is CBOR already; the proof in it is not looked at here.
                with contextlib.suppress(Closed):
                    self.identify_cbor(client)
                client.send_binary(message)
            else:
                client.send_text(message)
            self.assertEqual(client.close_code(), 4004)
            client.close()
            self.assertTrue(self.e.ctl("engine"))
        row = self.e.ctl("engine")["engine"]
        peak = int(next(line.split()[1] for line in pathlib.Path(f"/proc/{self.e.process.pid}/status").read_text().splitlines()
                        if line.startswith("VmHWM"))) // 1024
        figure(f"two frames of 14 MB of tiny values: the engine's memory was at most {peak} MiB, its loop at most {row['loopLagMaxMs']} ms late")
        self.assertLess(peak, 400)

    def identify_cbor(self, client):
        from wire_client import proof
        nonce = os.urandom(32).hex()
        token = (self.e.state / "token").read_text().strip()
        made = proof("client", token, client.hello["engineId"], client.hello["nonce"], nonce)
        client.send_text(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "identify", "params": {
            "protocol": 2, "nonce": nonce, "proof": made, "client": "x", "encoding": "cbor"}}).encode())

    def test_what_cannot_be_used_is_refused_at_once(self):
        fifo, large = self.dir / "fifo", self.dir / "large"
        os.mkfifo(fifo)
        with open(large, "wb") as file:
            file.truncate(5 << 30)
        good = self.dir / "sluice.yaml"
        keyring = self.dir / "keyring.yaml"
        keyring.write_text(f"connections:\n  a: {{ type: ceph, conf: /x, entity: client.x, keyring: \"{fifo}\" }}\n")
        for arguments, says in ((("--config", good, "--port", "abc"), "'abc' is no port"),
                                (("--config", good, "--port", "65536"), "'65536' is no port"),
                                (("--config", good, "--port", "-1"), "'-1' is no port"),
                                (("--config", fifo), "it is a FIFO"), (("--config", self.dir), "it is a folder"),
                                (("--config", "/dev/zero"), "it is a device"), (("--config", large), "5368709120 bytes"),
                                (("--config", keyring), "it is a FIFO")):
            done = subprocess.run([BIN / "sluiced", "--state-dir", self.dir / "refused", *arguments], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(says, done.stderr)
        done = subprocess.run(["/bin/sh", "-c", 'ulimit -n 64; exec "$0" "$@"', BIN / "sluiced", "--config", good, "--state-dir", self.dir / "few"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("only 64 open files", done.stderr)
        self.e.start()
        for path in (fifo, self.dir, "/dev/zero", large):
            with self.assertRaises(Ctl) as refused:
                self.e.ctl("flow", "submit", path, timeout=30)
            self.assertIn("cannot be read", refused.exception.err)
        # In the state folder of a client: what was no file is none, and does not hold it up.
        other = Engine(good, self.dir / "other")
        other.state.mkdir(mode=0o700)
        for name in ("endpoint.json", "token"):
            shutil.copy(self.e.state / "endpoint.json", other.state / "endpoint.json")
            with contextlib.suppress(FileNotFoundError):
                (other.state / name).unlink()
            os.mkfifo(other.state / name, 0o600)
            with self.assertRaises(Ctl) as refused:
                other.ctl("estate", timeout=30)
            self.assertIn("no regular file", refused.exception.err)
            (other.state / name).unlink()

    def test_an_open_secret_file_is_told(self):
        secret, config = self.dir / "secret", self.dir / "s3.yaml"
        config.write_text(f"connections:\n  rgw: {{ type: s3, endpoint: \"http://127.0.0.1:1\", secretFile: \"{secret}\" }}\n")
        engine = Engine(config, self.dir / "s3")
        for mode, says in ((None, "there is no such file"), (0o644, "others may read or write it (mode 644)"), (0o600, None)):
            if mode is not None:
                secret.write_text("access secret\n")
                secret.chmod(mode)
            engine.start()
            try:
                findings = engine.ctl("engine")["engine"]["stateFindings"]
                self.assertEqual([f["file"] for f in findings], [str(secret)] if says else [])
                self.assertTrue(all(says in f["what"] and not f["stops"] for f in findings), findings)
            finally:
                engine.stop()
        secret.unlink()  # it was taken over
        engine.start()
        try:
            self.assertEqual(engine.ctl("engine")["engine"]["stateFindings"], [])
        finally:
            engine.stop()

    def test_an_open_keyring_is_told_and_nothing_dumps_its_memory(self):
        conf, keyring, config = self.dir / "a.conf", self.dir / "a.keyring", self.dir / "a.yaml"
        conf.write_text("[global]\nmon host = 127.0.0.1:1\n")
        keyring.write_text("[client.x]\n")
        keyring.chmod(0o644)
        config.write_text("profile: { name: a, colour: moss }\nroles: {}\n"
                          f"connections:\n  a: {{ type: ceph, conf: \"{conf}\", entity: client.x, keyring: \"{keyring}\" }}\n")
        engine = Engine(config, self.dir / "open").start()
        try:
            [finding] = engine.ctl("engine")["engine"]["stateFindings"]
            self.assertEqual(finding["file"], str(keyring))
            self.assertIn("others may read or write this keyring (mode 0644)", finding["what"])
            self.assertFalse(finding["stops"])
            worker = wait_until(lambda: children(engine.process.pid), "the connection's worker runs")
            for pid in [engine.process.pid, *worker]:
                limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
                self.assertRegex(limits, r"Max core file size +0 +0 ", pid)
        finally:
            engine.stop()
        keyring.chmod(0o600)
        engine.start()
        try:
            self.assertEqual(engine.ctl("engine")["engine"]["stateFindings"], [])
        finally:
            engine.stop()


def children(pid):
    """Pids of its children."""
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class FakeEngine:
    """Listens on a port, speaks WebSocket and says a hello, and keeps all that it is told."""

    def __init__(self, port, engine_id):
        self.received = b""
        self.hello = json.dumps({"jsonrpc": "2.0", "method": "hello", "params": {
            "protocol": 2, "engine": "0.1.0", "engineId": engine_id, "nonce": "ab" * 32}}).encode()
        self.server = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(10)

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.server.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    self.talk(connection)

    def talk(self, connection):
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(4096)
        key = next(line.split(b": ")[1] for line in request.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")
        connection.sendall(b"\x81" + (bytes([len(self.hello)]) if len(self.hello) < 126 else b"\x7e" + len(self.hello).to_bytes(2, "big")) + self.hello)
        frame = b""
        while len(frame) < 8 or len(frame) < 8 + int.from_bytes(frame[2:4], "big"):
            frame += connection.recv(4096)
        mask = frame[4:8]
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(frame[8:8 + int.from_bytes(frame[2:4], "big")]))
        self.received += payload
        answer = json.dumps({"jsonrpc": "2.0", "id": json.loads(payload)["id"], "result": {
            "proof": json.loads(payload)["params"]["proof"], "principal": {"name": "x", "role": "admin"}, "profile": {}, "singlePerson": True}}).encode()
        connection.sendall(b"\x81\x7e" + len(answer).to_bytes(2, "big") + answer)
        with contextlib.suppress(OSError):
            self.received += connection.recv(4096)


if __name__ == "__main__":
    main()
