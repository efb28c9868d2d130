
#include "patience.h"
#include "support/canned_engine.h"
#include "support/ctl.h"

using namespace sluice;
using namespace sluice::test;

namespace {

/// A line break with words of ours behind it, a turned direction, a control sequence of one character, no
/// width.
const QString kForged = QStringLiteral("part\nR-9  nightly  done\u202efdp.exe\u009b2J\u200b");
const QByteArray kShown = "part\\nR-9  nightly  done\\u202efdp.exe\\u009b2J\\u200b";

QJsonObject forgedCase()
{
    QJsonObject row = CannedEngine::caseRow();
    row["summary"] = kForged;
    row["title"] = kForged;
    row["findings"] = QJsonArray{
        QJsonObject{{"rule", "R18"},
                    {"verdict", "confirmed"},
                    {"title", kForged},
                    {"correction", kForged},
                    {"evidence", QJsonArray{QJsonObject{{"text", kForged}, {"source", kForged}}}}}};
    return row;
}

QJsonObject forgedTask()
{
    QJsonObject row = CannedEngine::task("copy-train", "stalled");
    row["task"] = kForged;
    row["blocked"] =
        QJsonObject{{"what", "lock"}, {"object", kForged}, {"error", QJsonObject{{"message", kForged}}}};
    return row;
}

}  // namespace

/// What is called in a way that would forge a line, a word or a terminal command is shown with escapes by
/// every command.
class TestSluicectlNames : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_engine = std::make_unique<CannedEngine>();
        QVERIFY(m_engine->start());
        m_engine->answer("flow.show", CannedEngine::shown(CannedEngine::run("done", 3), {forgedTask()}));
        m_engine->answer("flow.list",
                         QJsonObject{{"runs", QJsonArray{QJsonObject{{"id", "R-1"}, {"flow", kForged}}}}});
        m_engine->answer("flow.log",
                         QJsonObject{{"lines", QJsonArray{QJsonObject{
                                                   {"at", ""}, {"level", "info"}, {"text", kForged}}}}});
        m_engine->answer("doctor.run", QJsonObject{{"case", forgedCase()}});
        m_engine->answer("audit.list",
                         QJsonObject{{"records", QJsonArray{QJsonObject{{"seq", 1},
                                                                        {"principal", "ada"},
                                                                        {"action", "lock.break"},
                                                                        {"objects", QJsonArray{kForged}}}}}});
        m_engine->answer("audit.verify",
                         QJsonObject{{"ok", false}, {"firstBad", QJsonObject{{"seq", 3}, {"why", kForged}}}});
        m_engine->answer(
            "estate.list",
            QJsonObject{{"entities", QJsonArray{QJsonObject{
                                         {"id", "vega/lock/" + kForged},
                                         {"connection", "vega"},
                                         {"kind", "lock"},
                                         {"name", kForged},
                                         {"observedAt", ""},
                                         {"facts", QJsonObject{{"lock", kForged}, {"object", kForged}}}}}}});
        m_engine->answer(
            "keys.list",
            QJsonObject{{"roles", QJsonArray{QJsonObject{
                                      {"role", kForged}, {"connection", "vega"}, {"entity", kForged}}}}});
        m_engine->answer(
            "flow.check",
            QJsonObject{
                {"ok", false},
                {"errors", QJsonArray{QJsonObject{{"file", kForged}, {"line", 1}, {"message", kForged}}}}});
        m_engine->answer(
            "flow.plan_reset",
            fail(Error{
                .code = ErrorCode::NotFound, .message = kForged, .cause = kForged, .correction = kForged}));
        m_engine->topic("runs").set({CannedEngine::run("done", 3)});
        m_engine->topic("tasks").set({forgedTask()});
        m_engine->topic("cases").set({forgedCase()});
    }

    void isEscaped_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::newRow("runs") << QStringList{"flow", "list"};
        QTest::newRow("run") << QStringList{"flow", "show", "R-1"};
        QTest::newRow("run, watched") << QStringList{"flow", "show", "R-1", "--watch"};
        QTest::newRow("log") << QStringList{"flow", "log", "R-1", "land"};
        QTest::newRow("doctor") << QStringList{"doctor", "R-1"};
        QTest::newRow("audit") << QStringList{"audit", "list"};
        QTest::newRow("chain") << QStringList{"audit", "verify"};
        QTest::newRow("estate") << QStringList{"estate"};
        QTest::newRow("keys") << QStringList{"keys", "list"};
        QTest::newRow("flow file") << QStringList{"flow", "check", "-"};
        QTest::newRow("error") << QStringList{"flow", "reset", "R-1"};
        QTest::newRow("topic") << QStringList{"watch", "cases", "--once"};
    }
    void isEscaped()
    {
        QFETCH(QStringList, command);
        for (const bool json : {false, true}) {
            Ctl ctl(command + QStringList{"--state-dir", m_engine->stateDir()} +
                        (json ? QStringList{"--json"} : QStringList()),
                    "tasks: {}\n");
            QVERIFY(ctl.code() >= 0);
            const QByteArray said = (ctl.out() + ctl.err()).toUtf8();
            QVERIFY2(said.contains("\\u202efdp.exe\\u009b2J\\u200b"), said.constData());
            QVERIFY2(json || said.contains(kShown) || command.first() == "watch", said.constData());
            for (const char* forged : {"\nR-9", "\xe2\x80\xae", "\xc2\x9b", "\xe2\x80\x8b"}) {
                QVERIFY2(!said.contains(forged), said.constData());
            }
        }
    }

    void jsonHasTheValueItself()
    {
        Ctl ctl({"doctor", "R-1", "--json", "--state-dir", m_engine->stateDir()});
        QCOMPARE(ctl.code(), 0);
        QCOMPARE(ctl.json()["case"].toObject()["summary"].toString(), kForged);
    }

private:
    std::unique_ptr<CannedEngine> m_engine;
};

QTEST_GUILESS_MAIN(TestSluicectlNames)
#include "tst_sluicectl_names.moc"
