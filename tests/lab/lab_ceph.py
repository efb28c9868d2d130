#!/usr/bin/python3
"""The part of ceph-lab that speaks to the cluster: one librados connection instead of many starts of `ceph`.

lab_ceph.py keyrings DIR OSDS           one 0600 keyring per entity, and one with all of them for the monitors
lab_ceph.py bootstrap CONF OSDS DIR     OSD ids and the CRUSH tree, once there is a monitor quorum
lab_ceph.py pools CONF SIZE MIN NAME... Ceph pools of 8 placement groups; existing ones stay as they are
lab_ceph.py wait CONF SECONDS           until HEALTH_OK, the manager is there, every placement group is clean
lab_ceph.py lock CONF POOL OBJECT       a client takes the exclusive lock `compact` and is killed
lab_ceph.py s3user CONF KEYFILE         the RGW user `lab`; its access and secret key into KEYFILE, two lines
lab_ceph.py bucket ENDPOINT KEYFILE NAME
"""
import base64
import concurrent.futures
import datetime
import hashlib
import hmac
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

# What the engine's own entity may do. On Ceph 16 no caps limit which rights a new entity may be given, so whoever
# may create entities could make itself an administrator: that much trust the keeper of the keys always has.
# It may read and change client entities only, no daemon's, and keeps its own config-keys under `sluice/`.
SLUICE_CAPS = {
    "mon": ", ".join([
        "allow r",
        *(f'allow command "{c}" with entity prefix "client."' for c in ("auth get", "auth get-or-create", "auth rm")),
        *(f'allow command "{c}" with key prefix "sluice/"' for c in ("config-key get", "config-key set", "config-key rm")),
        *(f'allow command "{c}"' for c in ("auth ls", "osd blocklist", "osd blocklist ls", "sessions")),
    ]),
    "mgr": "allow r",
    "osd": "allow rwx tag rados *=*",  # every Ceph pool of the application `rados`: the lab's own, not RGW's
}
S3_USER_CAPS = "users=*;buckets=*;metadata=*;usage=*;zone=read"


def write_private(path, text):
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as f:
        f.write(text)


def new_key():
    """A cephx key: type 1 (AES), creation time, length, 16 random bytes; base64."""
    now = time.time_ns()
    header = struct.pack("<hIIh", 1, now // 10**9, now % 10**9, 16)
    return base64.b64encode(header + os.urandom(16)).decode()


def keyring_section(entity, caps):
    lines = [f"[{entity}]", f"\tkey = {new_key()}"]
    lines += ["\tcaps %s = \"%s\"" % (service, text.replace('"', '\\"')) for service, text in caps.items()]
    return "\n".join(lines) + "\n"


def keyrings(folder, osds):
    entities = {
        "mon.": {"mon": "allow *"},
        "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *", "mds": "allow *"},
        "client.sluice": SLUICE_CAPS,
        "client.rgw.vega": {"mon": "allow rw", "osd": "allow rwx", "mgr": "allow rw"},
        "mgr.x": {"mon": "allow profile mgr", "osd": "allow *", "mds": "allow *"},
    }
    for i in range(osds):
        entities[f"osd.{i}"] = {"mon": "allow profile osd", "mgr": "allow profile osd", "osd": "allow *"}
    sections = {entity: keyring_section(entity, caps) for entity, caps in entities.items()}
    for entity, text in sections.items():
        write_private(f"{folder}/keyring.{entity.rstrip('.')}", text)
    write_private(f"{folder}/keyring.all", "".join(sections.values()))


def connect(conf):
    import rados
    cluster = rados.Rados(conffile=conf, name="client.admin", conf={
        "rados_mon_op_timeout": "30", "rados_osd_op_timeout": "30"})
    cluster.connect(timeout=60)
    return cluster


def command(cluster, prefix, **arguments):
    request = {"prefix": prefix, "format": "json", **arguments}
    code, out, text = cluster.mon_command(json.dumps(request), b"")
    if code:
        raise RuntimeError(f"{request}: {code} {text}")
    return json.loads(out) if out.strip() else None


def in_parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        list(threads.map(work, items))


def bootstrap(conf, osds, folder):
    cluster = connect(conf)
    command(cluster, "config set", who="mgr", name="mgr/devicehealth/enable_monitoring", value="false", force=True)
    for i in range(osds):
        with open(f"{folder}/osd.{i}.uuid", encoding="utf-8") as f:
            command(cluster, "osd new", uuid=f.read().strip(), id=i)
        command(cluster, "osd crush add", id=i, weight=0.1, args=["root=default", f"host=host-{i}"])
    cluster.shutdown()


def pools(conf, size, min_size, names):
    cluster = connect(conf)
    existing = set(cluster.list_pools())

    def make(name):
        command(cluster, "osd pool create", pool=name, pg_num=8, pgp_num=8, size=size)
        command(cluster, "osd pool set", pool=name, var="min_size", val=str(min_size))
        command(cluster, "osd pool application enable", pool=name, app="rados")

    in_parallel(make, [name for name in names if name not in existing])
    cluster.shutdown()


def ask_daemon(folder, name, prefix):
    """What a daemon says of itself over its admin socket; {} when it does not answer."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        try:
            s.connect(f"{folder}/{name}.asok")
            s.sendall(json.dumps({"prefix": prefix, "format": "json"}).encode() + b"\0")
            return json.loads(s.makefile("rb").read()[4:])  # four bytes of length come first
        except (OSError, ValueError):
            return {}


def what_is_missing(cluster):
    """Why the lab is not ready yet; None when it is.

    After a fault the monitors may answer from a stale state for some seconds: HEALTH_OK is believed only
    when each monitor and OSD says itself that it takes part, and the manager has counted anew.
    """
    folder = cluster.conf_get("run_dir")
    quorum = [m for m in "abc" if len(ask_daemon(folder, f"mon.{m}", "mon_status").get("quorum", [])) == 3]
    if len(quorum) < 3:
        return f"monitors in the quorum: {', '.join(quorum) or 'none'}"
    osds = [f"osd.{i}" for i in command(cluster, "osd ls")]
    passive = [osd for osd in osds if ask_daemon(folder, osd, "status").get("state") != "active"]
    if passive:
        return f"not active: {', '.join(passive)}"
    health = command(cluster, "health")
    if health["status"] != "HEALTH_OK":
        return f"{health['status']}: {', '.join(health['checks'])}"
    if not command(cluster, "status")["mgrmap"].get("available"):
        return "the manager is not active yet"
    expected = sum(pool["pg_num"] for pool in command(cluster, "osd dump")["pools"])
    counted = command(cluster, "pg stat")["pg_summary"]["num_pg_by_state"]
    by_state = {s["name"]: s["num"] for s in counted}
    if by_state != {"active+clean": expected}:
        return f"placement groups: {by_state} of {expected}"
    return None


def wait(conf, seconds):
    end = time.monotonic() + seconds
    cluster = connect(conf)
    while missing := what_is_missing(cluster):
        if time.monotonic() > end:
            sys.exit(f"lab_ceph.py: not ready after {seconds:.0f} s: {missing}")
        time.sleep(0.1)
    cluster.shutdown()


def lock(conf, pool, name):
    """The client is a process of its own, which ends by SIGKILL: nobody gives the lock back."""
    child = os.fork()
    if child == 0:
        cluster = connect(conf)
        with cluster.open_ioctx(pool) as ioctx:
            ioctx.lock_exclusive(name, "compact", "nightly-compaction", "a job of somebody else")
        print(f"client.{cluster.get_instance_id()} holds the lock compact on {pool}/{name} and is dead", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status):
        sys.exit(f"lab_ceph.py: {pool}/{name} could not be locked")


def s3user(conf, key_file):
    def admin(*arguments):
        return subprocess.run(["radosgw-admin", "-c", conf, "-n", "client.rgw.vega", *arguments],
                              capture_output=True, text=True, check=False, timeout=120)
    made = admin("user", "create", "--uid=lab", "--display-name=Sluice lab", f"--caps={S3_USER_CAPS}")
    if made.returncode:
        made = admin("user", "info", "--uid=lab")
    if made.returncode:
        sys.exit(f"lab_ceph.py: no RGW user: {made.stderr.strip()}")
    key = json.loads(made.stdout)["keys"][0]
    write_private(key_file, f"{key['access_key']}\n{key['secret_key']}\n")


def bucket(endpoint, key_file, name):
    """PUT /NAME, signed as AWS Signature Version 4 asks."""
    with open(key_file, encoding="utf-8") as f:
        access, secret = f.read().split()
    host = endpoint.split("://")[1]
    stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    empty = hashlib.sha256(b"").hexdigest()
    scope = f"{stamp[:8]}/default/s3/aws4_request"
    headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": stamp}
    signed = ";".join(headers)
    canonical = "\n".join(["PUT", f"/{name}", "", *(f"{k}:{v}" for k, v in headers.items()), "", signed, empty])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={access}/{scope}, SignedHeaders={signed}, "
                                f"Signature={signature}")
    request = urllib.request.Request(f"{endpoint}/{name}", method="PUT", headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        opener.open(request, timeout=60).close()
    except urllib.error.HTTPError as e:
        sys.exit(f"lab_ceph.py: bucket {name}: {e.code} {e.read().decode(errors='replace')[:300]}")


def main():
    verb, *rest = sys.argv[1:]
    if verb == "keyrings":
        keyrings(rest[0], int(rest[1]))
    elif verb == "bootstrap":
        bootstrap(rest[0], int(rest[1]), rest[2])
    elif verb == "pools":
        pools(rest[0], int(rest[1]), int(rest[2]), rest[3:])
    elif verb == "wait":
        wait(rest[0], float(rest[1]))
    elif verb == "lock":
        lock(*rest)
    elif verb == "s3user":
        s3user(rest[0], rest[1])
    elif verb == "bucket":
        bucket(*rest)
    else:
        sys.exit(__doc__)


main()
