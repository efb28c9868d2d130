#!/usr/bin/env python3
"""The lint finds what it is meant to find."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

LINT = pathlib.Path(__file__).with_name("lint.py")


class LintTest(unittest.TestCase):
    def run_on(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("backend", "ui", "app", "tests"):
                (root / name).mkdir()
            for name, text in files.items():
                path = root / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([sys.executable, LINT, folder], capture_output=True, text=True)
            return done.returncode, done.stdout

    def finds(self, files, what):
        code, out = self.run_on(files)
        self.assertEqual(code, 1, out)
        self.assertIn(what, out)

    def test_clean(self):
        code, out = self.run_on({"backend/core/a.h": "#pragma once\n#include <QtCore/QString>\n"})
        self.assertEqual(code, 0, out)

    def test_format(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "app").mkdir()
            (root / ".clang-format").write_text("BasedOnStyle: Google\n")
            source = root / "app" / "a.cpp"
            source.write_text("int  f( ) ;\n")
            check = [sys.executable, LINT.with_name("format.py")]
            done = subprocess.run([*check, folder], capture_output=True, text=True)
            if done.returncode == 77:
                self.skipTest(done.stdout)
            self.assertEqual((done.returncode, "app/a.cpp: not formatted" in done.stdout), (1, True), done.stdout)
            self.assertEqual(subprocess.run([*check, "--fix", folder], capture_output=True).returncode, 0)
            self.assertEqual(source.read_text(), "int f();\n")
            self.assertEqual(subprocess.run([*check, folder], capture_output=True).returncode, 0)

    def test_layers(self):
        self.finds({"backend/luigi/a.cpp": '#include "ceph/b.h"\n'}, "luigi must not include ceph")
        self.finds({"backend/engine/a.cpp": '#include "mover/b.h"\n'}, "engine must not include mover")
        self.finds({"backend/flow/a.cpp": "#include <QtWidgets/QWidget>\n"}, "must not include a widget")
        self.finds({"backend/engine/a.cpp": "#include <rados/librados.hpp>\n"}, "worker side")
        self.finds({"backend/systems/luigi/a.cpp": '#include "systems/transfer/b.h"\n'}, "must not include systems/transfer")
        self.finds({"backend/systems/luigi/a.cpp": '#include "mover/b.h"\n'}, "systems/luigi must not include mover")
        self.finds({"backend/systems/nobody/a.cpp": "\n"}, "has no rule")
        self.finds({"backend/flow/a.cpp": '#include "systems/luigi/b.h"\n'}, "flow must not include systems/luigi")
        self.finds({"ui/pages/a.cpp": '#include "flow/run.h"\n'}, "by the protocol only")
        self.finds({"ui/style/a.h": '#pragma once\n#include "ui/pages/b.h"\n'}, "must not include ui/pages")

    def test_names_of_systems(self):
        naming = '#pragma once\ninline const char* const kWhat = "%s";\n'
        for name in ("ceph", "Luigi", "CephPool", "rados", "airflow", "LINSTOR", "drbd"):
            for part in ("backend/flow", "ui/pages", "app/sluicectl"):
                self.finds({f"{part}/a.h": naming % name}, "a system's name outside its own folder")
        for path in ("backend/systems/ceph/a.h", "backend/ceph/a.h", "backend/mover/a.h"):
            code, out = self.run_on({path: naming % "ceph"})
            self.assertEqual(code, 0, out)
        code, out = self.run_on({"backend/flow/a.h": "#pragma once\n// as Ceph does it\n"})
        self.assertEqual(code, 0, out)
        self.finds({"backend/model/location.cpp": "int a();\n"}, "take it off STILL_NAMED")

    def test_clients_read_no_sentences(self):
        for line in ('if (sentence.contains(QLatin1String("behind"))) {}',
                     'str(row, u"text").section(": ", 0, 0);',
                     'if (text == QLatin1String("it moves again without a reset")) {}'):
            self.finds({"ui/pages/a.cpp": line + "\n"}, "reads a sentence")
            self.finds({"app/sluicectl/a.cpp": line + "\n"}, "reads a sentence")
        code, out = self.run_on({"ui/pages/a.cpp": 'if (phase == QLatin1String("carry out")) {}\n'})
        self.assertEqual(code, 0, out)

    def test_forms(self):
        table = {"ui/style/english_forms.cpp": '    {"%n runs", "%n run"},\n'}
        self.finds(table | {"ui/pages/a.cpp": 'tr("%n tasks", nullptr, count);\n'}, "no English form")
        self.finds(table | {"ui/pages/a.cpp": 'count == 1 ? tr("one") : tr("many");\n'}, "a form chosen by hand")
        code, out = self.run_on(table | {"ui/pages/a.cpp": 'tr("%n runs", nullptr, count);\n'})
        self.assertEqual(code, 0, out)

    def test_forms_of_the_engine(self):
        for text in ('n == 1 ? QStringLiteral("task") : QStringLiteral("tasks");\n', 'n == 1\n    ? "task" : "tasks";\n',
                     "n == 1 ? one : many;\n", "n == 1 ? word->one : word->more;\n"):
            for folder in ("backend/keys", "app/sluicectl"):
                self.finds({f"{folder}/a.cpp": text}, "core/counted.h")
        code, out = self.run_on({"backend/core/counted.cpp": "n == 1 ? one : many;\n",
                                 "app/sluicectl/a.cpp": "return isatty(1) == 1 ? size.columns : 0;\n"})
        self.assertEqual(code, 0, out)

    def test_circle(self):
        self.finds({"backend/core/a.h": '#pragma once\n#include "core/b.h"\n',
                    "backend/core/b.h": '#pragma once\n#include "core/a.h"\n'}, "circle")

    def test_text(self):
        self.finds({"backend/core/a.cpp": "void f() { QCoreApplication::processEvents(); }\n"}, "nested event loop")
        self.finds({"backend/core/a.cpp": "// TO" + "DO later\n"}, "note to self")
        self.finds({"backend/core/a.h": "int f();\n"}, "no #pragma once")
        self.finds({"backend/core/a.cpp": "\n" * 501}, "what is this two of")
        self.finds({"tests/unit/a.cpp": "void f() { QTest::q" + "Wait(5); }\n"}, "sleep instead")


if __name__ == "__main__":
    unittest.main()
