"""A drill: a stall with a known cause, and what the doctor may and may not say of it at any moment.

The true cause is named, or, where no rule knows it, nothing is; it is never ruled out, and nothing else is ever named.
"""
import json
import time

from harness import Engine, Scenario, figure, wait_until



class Drill(Scenario):
    """One laboratory and one engine for all drills of a class; each drill cleans up after itself."""

    with_rgw = False
    stall_after = "3s"
    roles = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.told = []
        try:
            cls.make_files(cls, "many", 300, 16 * 1024)
            cls.make_files(cls, "few", 4, 16 * 1024, seed=7)
            cls.prepare()
            cls.e = cls.start_engine(cls, "drills")
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def prepare(cls):
        """What the drills find in the laboratory."""

    @classmethod
    def tearDownClass(cls):
        try:
            if getattr(cls, "e", None):
                cls.e.stop()
            cls.tell_figures()
        finally:
            super().tearDownClass()

    @classmethod
    def tell_figures(cls):
        if cls.told:
            named = [found for found, _, rule in cls.told if rule]
            figure(f"{cls.__name__}: {len(cls.told)} stalls provoked, {len(named)} causes named, each after "
                   f"{max(named, default=0):.1f} s at most, {sorted(named)[len(named) // 2] if named else 0:.1f} s in the middle; "
                   f"the doctor answered within {max(took for _, took, _ in cls.told):.1f} s")

    def setUp(self):
        super().setUp()
        self.addCleanup(lambda: self.tell_logs(self.e))

    def start_engine(self, name, **overrides):
        """`self` may be the class."""
        roles = "".join(f"  {role}: {{ connection: vega, entity: client.{role}, overlap: 3s, caps: {{ mon: \"allow r\", osd: '{osd}' }} }}\n"
                        for role, osd in self.roles.items())
        config = self.dir / f"{name}.yaml"
        config.write_text(self.config(self, stall_after=self.stall_after, extra_roles=roles, **overrides)
                          if isinstance(self, type) else self.config(stall_after=self.stall_after, extra_roles=roles, **overrides))
        engine = Engine(config, self.dir / name)
        try:
            engine.start()
            engine.wait_lease()
            engine.wait_keys("ingest", *self.roles)
        except BaseException:
            engine.stop()
            raise
        return engine

    def move(self, name, source, to, more="", after=""):
        """Submits a flow with one move, `copy`. `after`: further tasks, as lines."""
        return self.e.submit(self.flow(name, [f"copy: {{ move: {{ from: \"{source}\", to: \"{to}\", inFlight: 4 }}{more} }}",
                                              *([after] if after else [])]))

    def few(self):
        return f"file:{self.dir}/few"

    def cancel(self, run):
        self.e.ctl("flow", "cancel", run, "--yes", timeout=120)

    def finding(self, case, rule):
        return next((item for item in case["findings"] if item["rule"] == rule), None)

    def drill(self, run, rule, title="", also=(), engine=None):
        """Waits for the stall and for `rule`; "" if no rule knows the cause: then nothing may be named.
        `title`: part of what the finding says. `also`: rules whose word must not be "refuted" at any moment.
        Returns the case."""
        engine = engine or self.e
        engine.wait_run(run, "stalled", "failed", seconds=60)
        began = time.monotonic()
        slowest = 0
        looks = 0
        shown = "the doctor was not asked"

        def look():
            nonlocal slowest, looks, shown
            asked = time.monotonic()
            case = engine.doctor(run)
            slowest = max(slowest, time.monotonic() - asked)
            looks += 1
            shown = f"{self.id()}, look {looks}\n{json.dumps(case, indent=1)[:7000]}"
            for item in case["findings"]:
                if item["verdict"] == "confirmed":
                    self.assertEqual(item["rule"], rule, f"a wrong cause is named: {shown}")
                if item["verdict"] == "refuted" and item["rule"] in (rule, *also):
                    self.fail(f"the true cause is ruled out: {shown}")
            named = case["rule"] == rule and (case["verdict"] == "confirmed" if rule else looks > 2)
            return case if named and title in json.dumps(case["findings"][0], ensure_ascii=False) else None

        try:
            case = wait_until(look, f"{rule or 'a third look'} is named ({title})", 40)
        except AssertionError as error:
            raise AssertionError(f"{error}: {shown}") from None
        found = time.monotonic() - began
        self.told.append((found, slowest, rule))
        print(f"drill  : {self.id().rsplit('.', 1)[1]}: {rule or 'unknown'} after {found:.1f} s, answers within {slowest:.1f} s", flush=True)
        return case

    def fact(self, kind, name):
        row = self.e.fact(f"vega/{kind}/{name}")
        return row["facts"] if row else {}

    def osds_down(self, *numbers):
        """Stops these OSDs as a frozen host would, and lets the monitors know at once."""
        self.ceph("pause", *(f"osd.{n}" for n in numbers))
        self.addCleanup(self.osds_up, *numbers)
        self.ceph("ceph", "osd", "down", *map(str, numbers))

    def osds_up(self, *numbers):
        self.ceph("cont", *(f"osd.{n}" for n in numbers))
        wait_until(lambda: all(self.fact("osd", str(n)).get("up") for n in numbers) and self.fact("pg-summary", "vega").get("inactive") == 0,
                   "all OSDs are up and all placement groups serve again", 90)
