#include <QtCore/QJsonArray>
#include <QtCore/QJsonDocument>

#include "flow/flow_file.h"
#include "model/object_name.h"
#include "patience.h"
#include "support/task_kinds.h"

using namespace sluice;

namespace {

const char* const kGood =
    "flow: nightly-train\n"
    "tasks:\n"
    "  land:\n"
    "    move: { from: \"file:/data/landing\", to: \"rados://vega/landing\" }\n"
    "    stallAfter: 5s\n"
    "  copy:\n"
    "    needs: [land]\n"
    "    move: { from: \"rados://vega/landing\", to: \"rados://vega/train\", onExisting: replace, inFlight: "
    "32 }\n"
    "  features:\n"
    "    needs: [copy]\n"
    "    luigi: { connection: luigid, module: lab, task: Features, params: { date: \"2026-01-01\" } }\n"
    "  gate: { needs: [features], approve: { message: \"Publish?\" } }\n"
    "  check: { needs: [gate], verify: { of: copy } }\n"
    "  publish: { needs: [check], move: { from: \"rados://vega/train\", to: \"s3://rgw.vega/catalog/train\" "
    "} }\n";

flow::FlowContext context()
{
    return {.connections = {{.name = "vega", .type = "ceph"},
                            {.name = "rgw.vega", .type = "s3"},
                            {.name = "luigid", .type = "luigi"}},
            .roles = {"ingest", "far"},
            .roleConnections = {{"ingest", "vega"}, {"far", "atlas"}},
            .defaultRole = "ingest",
            .stallAfterMs = 30'000};
}

flow::FlowFile parse(const QString& text, const flow::FlowContext& around = context())
{
    return flow::parseFlow(text, "f.yaml", test::taskKinds(), around);
}

systems::transfer::MoveBody moveOf(const model::TaskSpec& spec)
{
    return model::bodyOf<systems::transfer::MoveBody>(spec);
}

}  // namespace

class TestFlowFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsAWholeFlow()
    {
        const auto file = parse(kGood);
        QVERIFY2(file.flow.has_value(),
                 file.problems.isEmpty() ? "" : qPrintable(file.problems.first().toLine()));
        QCOMPARE(file.flow->name, "nightly-train");
        QCOMPARE(file.flow->tasks.size(), 6);
        const model::TaskSpec& land = file.flow->tasks[0];
        QCOMPARE(land.name, "land");
        QCOMPARE(land.stallAfterMs, 5000);
        QCOMPARE(land.role, "ingest");
        const model::TaskSpec& copy = file.flow->tasks[1];
        QCOMPARE(moveOf(copy).inFlight, 32);
        QVERIFY(moveOf(copy).replaceExisting);
        QCOMPARE(copy.needs, QStringList{"land"});
        QCOMPARE(moveOf(copy).to.toText(), "rados://vega/train");
        QCOMPARE(model::bodyOf<systems::luigi::LuigiBody>(file.flow->tasks[2]).params["date"].toString(),
                 "2026-01-01");
        QCOMPARE(model::bodyOf<systems::transfer::VerifyBody>(file.flow->tasks[4]).of, "copy");
        QCOMPARE(moveOf(file.flow->tasks[5]).to.bucket, "catalog");
    }

    void aFolderIsNotWhatBeginsLikeIt()
    {
        const auto file = parse(
            "flow: f\ntasks:\n  a:\n    move: { from: rados://vega/p/landing, to: rados://vega/p/landing-old "
            "}\n");
        QVERIFY2(file.flow.has_value(),
                 file.problems.isEmpty() ? "" : qPrintable(file.problems.first().toLine()));
        const model::Location from = moveOf(file.flow->tasks[0]).from;
        QCOMPARE(from.prefix, "landing/");
        QVERIFY(from.mayBeObject);
        QCOMPARE(from.toText(), "rados://vega/p/landing");
    }

    void oneDocumentMayHaveItsMarks()
    {
        for (const QString& text : {QString(kGood), "---\n" + QString(kGood),
                                    "%YAML 1.2\n--- # c\n" + QString(kGood) + "...\n# end\n"}) {
            const auto file = parse(text);
            QVERIFY2(file.flow.has_value(),
                     file.problems.isEmpty() ? "" : qPrintable(file.problems.first().toLine()));
        }
    }

    void emptySourcesAndOthersAreAllowedOnlyWhereItIsWritten()
    {
        const auto strict = parse(kGood);
        QVERIFY(!moveOf(strict.flow->tasks[0]).allowEmpty);
        QVERIFY(!model::bodyOf<systems::transfer::VerifyBody>(strict.flow->tasks[4]).othersAllowed);
        const auto file = parse(
            "flow: f\ntasks:\n  m: { move: { from: file:/d, to: rados://vega/p, allowEmpty: true } }\n  v: { "
            "needs: [m], verify: { of: m, others: allow } }\n");
        QVERIFY2(file.flow.has_value(),
                 file.problems.isEmpty() ? "" : qPrintable(file.problems.first().toLine()));
        const auto again = [](const model::TaskSpec& spec) {
            return test::taskKinds().find(spec.kind)->specFromJson(spec.toJson());
        };
        QVERIFY(moveOf(again(file.flow->tasks[0])).allowEmpty);
        QVERIFY(model::bodyOf<systems::transfer::VerifyBody>(again(file.flow->tasks[1])).othersAllowed);
    }

    /// As they lie in the store of an earlier version.
    void storedTextsWithoutABodyAreRead()
    {
        const QJsonObject body = test::moveBody("file:/a", "rados://vega/p")->toJson();
        QJsonObject flat = body;
        flat["name"] = "a";
        flat["kind"] = "move";
        flat["role"] = "ingest";
        flat["needs"] = QJsonArray{"b"};
        flat["stallAfterMs"] = 7;
        const flow::TaskKinds kinds = test::taskKinds();
        const model::TaskSpec spec = kinds.find("move")->specFromJson(flat);
        QCOMPARE(spec.toJson(), (QJsonObject{{"name", "a"},
                                             {"kind", "move"},
                                             {"role", "ingest"},
                                             {"needs", QJsonArray{"b"}},
                                             {"stallAfterMs", 7},
                                             {"body", body}}));
        // A body is that of its kind only.
        QVERIFY(model::bodyOf<systems::transfer::VerifyBody>(spec).of.isEmpty());
    }

    void kindsSayWhatTheyTouch()
    {
        const flow::TaskKinds kinds = test::taskKinds();
        const auto file = parse(kGood);
        const model::TaskSpec& copy = file.flow->tasks[1];
        const model::TaskSpec& publish = file.flow->tasks[5];
        const flow::Touches moved = kinds.find("move")->touches(publish, {});
        QCOMPARE(moved.connections(), (QStringList{"vega", "rgw.vega"}));
        QCOMPARE(moved.entities.size(), 2);
        QCOMPARE(moved.entities[0].kind, "ceph-pool");
        QVERIFY(!moved.entities[0].destination && !moved.places[0].destination);
        QCOMPARE(moved.entities[1].kind, "bucket");
        QCOMPARE(moved.entities[1].name, "catalog");
        QVERIFY(moved.entities[1].destination && moved.places[1].destination);
        // A verification is about the destination of its move.
        const flow::TaskKind& verify = *kinds.find("verify");
        QCOMPARE(verify.subject(file.flow->tasks[4]), "copy");
        const flow::Touches compared = verify.touches(file.flow->tasks[4], copy);
        QCOMPARE(compared.entities.size(), 1);
        QCOMPARE(compared.entities[0].name, "train");
        QVERIFY(verify.touches(file.flow->tasks[4], {}).connections().isEmpty());
        QCOMPARE(kinds.find("luigi")->touches(file.flow->tasks[2], {}).connections(), QStringList{"luigid"});
        QVERIFY(kinds.find("approve")->touches(file.flow->tasks[3], {}).connections().isEmpty());
    }

    void kindsHaveTheirWords()
    {
        const flow::TaskKinds kinds = test::taskKinds();
        const auto file = parse(kGood);
        const auto words = [&](int task) {
            const model::TaskSpec& spec = file.flow->tasks[task];
            return kinds.find(spec.kind)->words(spec);
        };
        QCOMPARE(words(1), (QJsonObject{{"from", "rados://vega/landing"},
                                        {"to", "rados://vega/train"},
                                        {"how", "copied inside the cluster"}}));
        QCOMPARE(words(2), (QJsonObject{{"from", "lab.Features"}, {"to", "luigid"}}));
        QCOMPARE(words(3), (QJsonObject{{"message", "Publish?"}}));
        QCOMPARE(words(4), (QJsonObject{{"from", "copy"}}));
    }

    void placesThatMayBeOneObject_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("name");
        QTest::newRow("s3") << "s3://rgw/catalog/day/one.csv"
                            << "s3://rgw/catalog/day/"
                            << "one.csv";
        QTest::newRow("s3, at the top") << "s3://rgw/catalog/one.csv"
                                        << "s3://rgw/catalog"
                                        << "one.csv";
        QTest::newRow("rados") << "rados://vega/p/a/b"
                               << "rados://vega/p/a/"
                               << "b";
        QTest::newRow("file") << "file:/data/one.csv"
                              << "file:/data"
                              << "one.csv";
        QTest::newRow("file, at the top") << "file:/one.csv"
                                          << "file:/"
                                          << "one.csv";
        QTest::newRow("folder") << "s3://rgw/catalog/day/"
                                << ""
                                << "";
        QTest::newRow("file folder") << "file:/data/"
                                     << ""
                                     << "";
        QTest::newRow("bucket") << "s3://rgw/catalog"
                                << ""
                                << "";
    }

    void placesThatMayBeOneObject()
    {
        QFETCH(QString, text);
        QFETCH(QString, folder);
        QFETCH(QString, name);
        const auto location = model::Location::parse(text);
        QVERIFY(location);
        const model::Location again = model::Location::fromJson(location->toJson());
        QCOMPARE(again.toText(), location->toText());
        QCOMPARE(again.mayBeObject, !folder.isEmpty());
        QCOMPARE(location->mayBeObject, !folder.isEmpty());
        if (!folder.isEmpty()) {
            QCOMPARE(location->asObject().folder.toText(), folder);
            QCOMPARE(location->asObject().name, name);
        }
    }

    void namesOnTheWire_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("wire");
        const QString mark(QChar(0xFEFF));
        QTest::newRow("plain") << "a.csv"
                               << "a.csv";
        QTest::newRow("mark") << mark + "a.csv"
                              << "%EF%BB%BFa.csv";
        QTest::newRow("two marks") << mark + mark << "%EF%BB%BF" + mark;
        QTest::newRow("mark inside") << "a" + mark << "a" + mark;
        QTest::newRow("written mark") << "%EF%BB%BFa.csv"
                                      << "%25EF%BB%BFa.csv";
        QTest::newRow("written written mark") << "%25EF%BB%BFa"
                                              << "%2525EF%BB%BFa";
        QTest::newRow("no characters") << QStringLiteral("a\uFFFF\uFFFEb") << "a%EF%BF%BF%EF%BF%BEb";
        QTest::newRow("written no character") << "a%EF%BF%BFb%25EF%BF%BE"
                                              << "a%25EF%BF%BFb%2525EF%BF%BE";
        QTest::newRow("a written percent before it") << "%25%EF%BF%BF"
                                                     << "%25%25EF%BF%BF";
        QTest::newRow("a percent before it") << QStringLiteral("%\uFFFF%") << "%%EF%BF%BF%";
        QTest::newRow("written mark inside") << "a%EF%BB%BF"
                                             << "a%EF%BB%BF";
        QTest::newRow("percent") << "%41"
                                 << "%41";
        QTest::newRow("percent percent") << "%25"
                                         << "%25";
        QTest::newRow("empty") << ""
                               << "";
    }

    void namesOnTheWire()
    {
        QFETCH(QString, name);
        QFETCH(QString, wire);
        QCOMPARE(model::nameOnWire(name), wire);
        QCOMPARE(model::nameFromWire(wire), name);
        // what JSON makes of it
        const QJsonObject json{{"name", model::nameOnWire(name)}};
        const QByteArray text = QJsonDocument(json).toJson();
        QCOMPARE(model::nameFromWire(QJsonDocument::fromJson(text)["name"].toString()), name);
    }

    void specsSurviveARoundTrip()
    {
        const auto file = parse(kGood);
        for (const model::TaskSpec& spec : file.flow->tasks) {
            QCOMPARE(test::taskKinds().find(spec.kind)->specFromJson(spec.toJson()).toJson(), spec.toJson());
        }
    }

    void namesEveryMistakeWithItsPlace_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("line");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("says");
        QTest::newRow("no yaml") << "flow: [a\ntasks: x" << 2 << 6 << "no YAML";
        QTest::newRow("list on top") << "- a" << 1 << 1 << "map at the top";
        QTest::newRow("no flow name")
            << "tasks:\n  a: { approve: { message: x } }" << 1 << 1 << "'flow' is missing";
        QTest::newRow("unknown key") << "flow: f\nowner: me\ntasks:\n  a: { approve: { message: x } }" << 2
                                     << 1 << "'owner' is not known";
        QTest::newRow("misspelt task key")
            << "flow: f\ntasks:\n  a:\n    approve: { message: x }\n    neds: [b]" << 5 << 5
            << "'neds' is not known";
        QTest::newRow("task twice")
            << "flow: f\ntasks:\n  a: { approve: { message: x } }\n  a: { approve: { message: x } }" << 4 << 3
            << "twice";
        QTest::newRow("nothing to do") << "flow: f\ntasks:\n  a: { needs: [] }" << 3 << 3 << "does nothing";
        QTest::newRow("two kinds") << "flow: f\ntasks:\n  a: { approve: { message: x }, verify: { of: a } }"
                                   << 3 << 3 << "at once";
        QTest::newRow("missing need") << "flow: f\ntasks:\n  a: { needs: [b], approve: { message: x } }" << 3
                                      << 3 << "needs 'b', which is not there";
        QTest::newRow("circle") << "flow: f\ntasks:\n  a: { needs: [b], approve: { message: x } }\n  b: { "
                                   "needs: [a], approve: { message: x } }"
                                << 3 << 3 << "circle: a needs b needs a";
        QTest::newRow("unknown kind") << "flow: f\ntasks:\n  a: { frobnicate: { x: 1 } }" << 3 << 3
                                      << "exactly one of move, verify, luigi, approve";
        QTest::newRow("unknown kind beside a known one")
            << "flow: f\ntasks:\n  a: { approve: { message: x }, frobnicate: { x: 1 } }" << 3 << 33
            << "'frobnicate' is not known hereneeds, role, stallAfter, move, verify, luigi, approve";
        QTest::newRow("no location")
            << "flow: f\ntasks:\n  a:\n    move:\n      from: ftp://x\n      to: rados://vega/p" << 5 << 13
            << "starts with none of";
        QTest::newRow("relative path")
            << "flow: f\ntasks:\n  a:\n    move:\n      from: file:data\n      to: rados://vega/p" << 5 << 13
            << "absolute";
        QTest::newRow("unknown connection")
            << "flow: f\ntasks:\n  a:\n    move:\n      from: file:/d\n      to: rados://atlas/p" << 6 << 11
            << "no Ceph connection 'atlas'";
        QTest::newRow("unknown role")
            << "flow: f\ntasks:\n  a:\n    role: boss\n    move: { from: file:/d, to: rados://vega/p }" << 4
            << 11 << "no role 'boss'";
        QTest::newRow("bad duration")
            << "flow: f\ntasks:\n  a:\n    stallAfter: soon\n    approve: { message: x }" << 4 << 17
            << "'soon'";
        QTest::newRow("verify of nothing")
            << "flow: f\ntasks:\n  a: { verify: { of: b } }" << 3 << 3 << "no move task";
        QTest::newRow("verify before move") << "flow: f\ntasks:\n  m: { move: { from: file:/d, to: "
                                               "rados://vega/p } }\n  v: { verify: { of: m } }"
                                            << 4 << 3 << "may run before";
        QTest::newRow("same place")
            << "flow: f\ntasks:\n  a:\n    move: { from: rados://vega/p, to: rados://vega/p }" << 4 << 11
            << "same place";
        const QString move = "flow: f\ntasks:\n  a:\n    move: ";
        QTest::newRow("into itself") << move + "{ from: rados://vega/p, to: rados://vega/p/sub/ }" << 4 << 11
                                     << "to lies inside from";
        QTest::newRow("out of itself")
            << move + "{ from: file:/d/sub, to: file:/d }" << 4 << 11 << "from lies inside to";
        QTest::newRow("into itself, bucket") << move + "{ from: s3://rgw.vega/b/x, to: s3://rgw.vega/b/x/y }"
                                             << 4 << 11 << "to lies inside from";
        QTest::newRow("role of another cluster")
            << "flow: f\ntasks:\n  a:\n    role: far\n    move: { from: file:/d, to: rados://vega/p }" << 4
            << 11 << "key on atlas, which task 'a' does not touch";
        const QString luigi = "flow: f\ntasks:\n  a:\n    luigi:\n      connection: luigid\n      ";
        QTest::newRow("impossible module")
            << luigi + "module: no-module\n      task: T" << 6 << 15 << "is not a Python module";
        QTest::newRow("impossible task")
            << luigi + "module: m\n      task: a b" << 7 << 13 << "is not a Luigi task";
        QTest::newRow("impossible parameter") << luigi + "module: m\n      task: T\n      params: { a-b: x }"
                                              << 8 << 17 << "is not a Luigi parameter";
        QTest::newRow("secret in a value")
            << luigi + "module: m\n      task: T\n      params:\n        dsn: \"db://a:b@h\"" << 9 << 9
            << "looks like a secret";
        QTest::newRow("secret in a place")
            << "flow: f\ntasks:\n  t:\n    move: { from: \"s3://a:b@rgw.vega/x\", to: \"file:/x\" }" << 4
            << 19 << "looks like a secret";
        QTest::newRow("secret in a question")
            << "flow: f\ntasks:\n  t:\n    approve: { message: \"password=b?\" }" << 4 << 25
            << "looks like a secret";
        QTest::newRow("secret parameter")
            << luigi + "module: m\n      task: T\n      params:\n        db_password: x" << 9 << 9
            << "looks like a secret";
        QTest::newRow("second document")
            << "flow: f\ntasks:\n  a: { approve: { message: x } }\n---\nflow: g\ntasks: {}" << 4 << 1
            << "second document";
        QTest::newRow("second document, marked twice")
            << "# c\n---\nflow: f\ntasks:\n  a: { approve: { message: x } }\n---\n"
            << 6 << 1 << "second document";
        QTest::newRow("second document behind the end")
            << "flow: f\ntasks:\n  a: { approve: { message: x } }\n...\n# c\nflow: g" << 6 << 1
            << "second document";
        QTest::newRow("bytes that were no UTF-8")
            << QStringLiteral("flow: f\ntasks:\n  a: { move: { from: \"file:/gr%1n\", to: rados://vega/p } }")
                   .arg(QChar(0xFFFD))
            << 3 << 31 << "not UTF-8";
        QTest::newRow("line break behind a name")
            << "flow: \"f\\n\"\ntasks:\n  a: { approve: { message: x } }" << 1 << 7 << "no flow name";
        QTest::newRow("line break behind a task")
            << "flow: f\ntasks:\n  \"a\\n\": { approve: { message: x } }" << 3 << 3 << "no task name";
        QTest::newRow("allowEmpty of nothing")
            << "flow: f\ntasks:\n  a:\n    move: { from: file:/d, to: rados://vega/p, allowEmpty: maybe }"
            << 4 << 60 << "'maybe'";
        QTest::newRow("others of nothing")
            << "flow: f\ntasks:\n  m: { move: { from: file:/d, to: rados://vega/p } }\n  v: { needs: [m], "
               "verify: { of: m, others: perhaps } }"
            << 4 << 45 << "'perhaps'";
        QTest::newRow("bad enum")
            << "flow: f\ntasks:\n  a:\n    move: { from: file:/d, to: rados://vega/p, onExisting: maybe }"
            << 4 << 60 << "'maybe'";
    }

    void aMoveBetweenClustersNeedsItsRolesKeyOnBoth()
    {
        flow::FlowContext three = context();
        three.connections.append(flow::FlowContext::Connection{.name = "atlas", .type = "ceph"});
        three.connections.append(flow::FlowContext::Connection{.name = "lyra", .type = "ceph"});
        const auto between = [](const char* role, const char* to) {
            return QStringLiteral(
                       "flow: f\ntasks:\n  a:\n    role: %1\n    move: { from: rados://vega/p, to: "
                       "rados://%2/p }")
                .arg(role, to);
        };
        QVERIFY(parse(between("far", "atlas"), three).flow.has_value());
        const auto refused = parse(between("far", "lyra"), three);
        QVERIFY(!refused.flow.has_value());
        QVERIFY2(refused.problems.first().expected.contains("key is on both"),
                 qPrintable(refused.problems.first().toLine()));
    }

    void namesEveryMistakeWithItsPlace()
    {
        QFETCH(QString, text);
        QFETCH(int, line);
        QFETCH(int, column);
        QFETCH(QString, says);
        const auto file = parse(text);
        QVERIFY(!file.flow.has_value());
        QVERIFY(!file.problems.isEmpty());
        const yaml::Problem& first = file.problems.first();
        QVERIFY2((first.message + first.expected).contains(says), qPrintable(first.toLine()));
        QCOMPARE(first.line, line);
        QCOMPARE(first.column, column);
        QVERIFY2(!first.expected.isEmpty(), qPrintable(first.toLine()));
    }

    void reportsAllMistakesNotOnlyTheFirst()
    {
        const auto file = parse(
            "flow: f\ntasks:\n  a: { needs: [x], approve: { } }\n  b: { stallAfter: no, approve: { message: "
            "m } }\n");
        QCOMPARE(file.problems.size(), 3);
    }

    void survivesGarbage()
    {
        QByteArray text = kGood;
        quint32 seed = 12345;
        for (int i = 0; i < 3000; ++i) {
            seed = seed * 1664525 + 1013904223;
            QByteArray bad = text;
            bad[static_cast<qsizetype>(seed % static_cast<quint32>(bad.size()))] =
                static_cast<char>(seed >> 24);
            const auto file = parse(QString::fromUtf8(bad));
            QCOMPARE(file.flow.has_value(), file.problems.isEmpty());
        }
    }
};

QTEST_GUILESS_MAIN(TestFlowFile)
#include "tst_flow_file.moc"
