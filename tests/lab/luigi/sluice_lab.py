"""A small Luigi pipeline for the lab: two extracts, then the features made of them.

luigi --module sluice_lab Features --date 2026-01-01 --out DIR [--seconds 1.5] [--fail Extract|Features]
"""
import hashlib
import json
import os
import time

import luigi

STEPS = 10


class LabTask(luigi.Task):
    """Works for `seconds`, reports its progress, and writes one JSON file; raises half way when it is named by `fail`."""

    date = luigi.DateParameter()
    out = luigi.Parameter(default=os.environ.get("SLUICE_LAB_OUT", "out"), significant=False)
    seconds = luigi.FloatParameter(default=0.2, significant=False)
    fail = luigi.Parameter(default="", significant=False)

    def target(self, name):
        return luigi.LocalTarget(os.path.join(self.out, self.date.isoformat(), name))

    def work(self):
        for step in range(STEPS):
            self.set_progress_percentage(100 * step // STEPS)
            self.set_status_message(f"step {step + 1} of {STEPS}")
            if self.fail == self.task_family and step == STEPS // 2:
                raise RuntimeError(f"{self.task_family} was told to fail: column 'price' is missing in 3 of 40 files")
            time.sleep(self.seconds / STEPS)
        self.set_progress_percentage(100)

    def write(self, value):
        with self.output().open("w") as f:
            json.dump(value, f, indent=1)


class Extract(LabTask):
    """One half of the day's records."""

    half = luigi.ChoiceParameter(choices=["morning", "evening"])

    def output(self):
        return self.target(f"extract-{self.half}.json")

    def run(self):
        self.work()
        self.write([hashlib.sha256(f"{self.date} {self.half} {i}".encode()).hexdigest() for i in range(200)])


class Features(LabTask):
    """How often each hex digit occurs in both halves."""

    def requires(self):
        return [self.clone(Extract, half=half) for half in ("morning", "evening")]

    def output(self):
        return self.target("features.json")

    def run(self):
        self.work()
        counts = dict.fromkeys("0123456789abcdef", 0)
        for source in self.input():
            with source.open() as f:
                for record in json.load(f):
                    for digit in record:
                        counts[digit] += 1
        self.write(counts)
